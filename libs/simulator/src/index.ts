export { loadSimulator } from './simulator';
export type { LayerObserver, Simulator, SimulatorOptions } from './simulator';

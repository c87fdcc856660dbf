export { checkFit } from './check-fit';
export type { CheckFitOptions, FitFinding, FitReport } from './check-fit';
export { compile } from './compile';
export type { Compilation, CompiledLayerReport, PassObserver } from './compile';
export type { KpuArithmetic, KpuGeometry, KpuLayer, Program } from './kpu-program';
export type { KpuMap, MainBuffer, MemoryPlan } from './memory-plan';
export type { FitLayer } from './network-needs';
export { printFit } from './print-fit';
export { printMemoryPlan } from './print-memory-plan';

import type { LayerKind } from '@graft/kmodel';
import type { MapShape } from '@graft/tensor';

export interface SimulatorOptions {
  /** How the activation rounds a tie: `A` up (default), `B` to even. The two reference simulators differ in it. */
  readonly rounding?: 'A' | 'B';
}

/**
 * Hears of every layer after it ran. A convolution's output is dense (channel, row, column), after pooling.
 * The array is only valid during the call.
 */
export type LayerObserver = (layerIndex: number, kind: LayerKind, output: Uint8Array | Float32Array) => void;

export interface Simulator {
  readonly input: MapShape;
  /** `bytes` for a picture, `floats` where the first layer is fully connected. */
  readonly inputType: 'bytes' | 'floats';
  /** One array per output of the model. `planes` is (channel, row, column). */
  run(planes: Uint8Array | Float32Array, observe?: LayerObserver): Float32Array[];
}

export function loadSimulator(_bytes: Uint8Array, _options: SimulatorOptions = {}): Simulator {
  throw new Error('internal: being written');
}

import type { Activation } from '@graft/model';
import type { MapShape, QuantizationParameters } from '@graft/tensor';

import type { ActivationTable } from './activation-table/activation-table';

/**
 * A convolution in bytes. real weight of output channel o = (byte − weightZeroPoint) · weightScales[o].
 * Stride 2 keeps (2i, 2j); 3×3 pads with the byte nearest to real 0.
 */
export interface QuantizedConvolution {
  readonly kind: 'convolution' | 'depthwise';
  readonly name: string;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly input: MapShape & QuantizationParameters;
  /** After the stride; bytes after activation. */
  readonly output: MapShape & QuantizationParameters;
  /** [output][input][row][column], or [channel][row][column] for depthwise. */
  readonly weights: Uint8Array;
  /** A whole number or a half. */
  readonly weightZeroPoint: number;
  readonly weightScales: Float64Array;
  /** Real units, one per output channel, bias correction included. */
  readonly bias: Float64Array;
  readonly activation: Activation;
  /** There unless the activation is linear, ReLU or ReLU6, which are the clamp of the output range. */
  readonly table?: ActivationTable;
}

/** What runs in float32 on the CPU. */
export type FloatTailNode =
  | { readonly kind: 'globalAveragePool'; readonly name: string }
  /** Of each channel the mean, then of each the maximum. */
  | { readonly kind: 'globalAverageMaxPool'; readonly name: string }
  | {
      readonly kind: 'dense';
      readonly name: string;
      readonly inputs: number;
      readonly units: number;
      /** [unit][input] */
      readonly weights: Float32Array;
      readonly bias: Float32Array;
      readonly activation: Activation;
    }
  | { readonly kind: 'softmax'; readonly name: string };

/**
 * Dense layers in bytes, each a 1×1 convolution of one pixel. The values that come in are put into bytes as the first
 * layer takes them; what the last one gives becomes real values again.
 */
export interface QuantizedDense {
  readonly kind: 'quantizedDense';
  readonly name: string;
  /** At least one. */
  readonly layers: readonly QuantizedConvolution[];
}

/** What follows the convolutions. */
export type TailNode = FloatTailNode | QuantizedDense;

export interface QuantizedGraph {
  readonly name: string;
  readonly input: MapShape & QuantizationParameters;
  readonly convolutions: readonly QuantizedConvolution[];
  readonly tail: readonly TailNode[];
}

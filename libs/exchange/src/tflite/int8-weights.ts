import type { QuantizedConvolution } from '@graft/quantization';
import type { QuantizationParameters } from '@graft/tensor';

import { asymmetricWeights } from '../errors';
import { BYTE_SHIFT } from './int8-encoding';

/** Weights of one layer as TFLite has them: real = step · scale of the channel. */
export interface Int8Weights {
  /** −127 … 127, [output][…]. */
  readonly steps: Int8Array;
  /** One per output; 0 where no weight is left. */
  readonly scales: Float64Array;
}

type Step = Pick<QuantizationParameters, 'scale'>;

const LARGEST_STEP = 127;
/** Leaves room in 32 bits for the largest sum of products beside the bias. */
const LARGEST_BIAS = 2 ** 30;
/** Parts of an output step in which the bias of a channel without weights is told. */
const PARTS_OF_STEP = 2 ** 10;

/** Symmetric, each channel rounded to 127 steps either way. @param weights [output][input] */
export function roundedWeights(weights: Float32Array, outputs: number): Int8Weights {
  const size = weights.length / outputs;
  const scales = new Float64Array(outputs);
  const steps = new Int8Array(weights.length);
  for (let output = 0; output < outputs; output++) {
    const own = weights.subarray(output * size, (output + 1) * size);
    const scale = own.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0) / LARGEST_STEP;
    scales[output] = scale;
    if (scale > 0)
      steps.set(
        own.map((weight) => Math.round(weight / scale)),
        output * size,
      );
  }
  return { steps, scales };
}

/** Those of a layer in bytes around 128. A −128, which kernels of TFLite may not take, becomes −127. @throws GraftError E842 */
export function weightsOf({ name, weights, weightScales: scales, weightZeroPoint }: QuantizedConvolution): Int8Weights {
  if (weightZeroPoint !== BYTE_SHIFT) throw asymmetricWeights(name, weightZeroPoint);
  return { steps: Int8Array.from(weights, (byte) => Math.max(-LARGEST_STEP, byte - BYTE_SHIFT)), scales };
}

/** A scale for channels that have no weights: one that their bias can be told in. */
export function liveScales(scales: Float64Array, input: Step, output: Step): Float64Array {
  return scales.map((scale) => (scale > 0 ? scale : output.scale / input.scale / PARTS_OF_STEP));
}

/**
 * Biases in steps of (input scale · weight scale). `offset`: by how much the whole zero point of the input lies above the
 * true one; each weight then sees its input that much too small, and the bias makes up for it, exactly.
 */
export function int32Biases(
  biases: ArrayLike<number>,
  { steps, scales }: Int8Weights,
  input: Step,
  offset: number,
): Int32Array {
  const size = steps.length / scales.length;
  return Int32Array.from(scales, (scale, output) => {
    const sum = steps.subarray(output * size, (output + 1) * size).reduce((total, step) => total + step, 0);
    const bias = Math.round(biases[output] / (scale * input.scale) + offset * sum);
    // Beyond, the output is at an end of its range whatever comes in.
    return Math.min(LARGEST_BIAS, Math.max(-LARGEST_BIAS, bias));
  });
}

import type { QuantizedConvolution } from '@graft/quantization';

import { weightsNotSigned } from '../errors';

/** Weights and biases as signed integers around 0; of output channel o real = weight · scales[o], and bias · scales[o] · input scale. */
export interface SignedWeights {
  readonly weights: Int8Array;
  /** One per output channel, above 0. */
  readonly scales: Float64Array;
  readonly biases: Int32Array;
}

/** Biases stay below this many steps, well inside int32, whatever is added to them. */
const MAX_BIAS_STEPS = 2 ** 30;

/**
 * @param input scale of the bytes that come in, and by how much their zero point is taken off, which the biases make up for
 * @throws GraftError E810
 */
export function signedWeights(
  layer: QuantizedConvolution,
  input: { readonly scale: number; readonly shift: number },
): SignedWeights {
  const channels = layer.output.channels;
  const size = layer.weights.length / channels;
  const weights = new Int8Array(layer.weights.length);
  const scales = new Float64Array(channels);
  const biases = new Int32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * size;
    const steps = Float64Array.from(
      layer.weights.subarray(start, start + size),
      (byte) => byte - layer.weightZeroPoint,
    );
    if (steps.some((step) => !Number.isInteger(step) || step < -128 || step > 127))
      throw weightsNotSigned(layer.name, layer.weightZeroPoint);
    const sum = steps.reduce((before, step) => before + step, 0);
    const bias = layer.bias[channel] - input.scale * input.shift * sum * layer.weightScales[channel];
    const scale = usableScale(layer.weightScales[channel], bias, input.scale);
    const factor = layer.weightScales[channel] / scale;
    steps.forEach((step, at) => (weights[start + at] = Math.round(step * factor)));
    scales[channel] = scale;
    biases[channel] = Math.round(bias / (scale * input.scale));
  }
  return { weights, scales, biases };
}

/**
 * The scale of a channel, in which its bias fits int32. A channel whose weights are all 0 has none yet; one whose weights vanish beside
 * its bias gets coarser ones, which moves its sums by less than a millionth of the bias.
 */
function usableScale(scale: number, bias: number, inputScale: number): number {
  const smallest = Math.abs(bias) / inputScale / MAX_BIAS_STEPS;
  return Math.max(scale, smallest) || 1;
}

import type { QuantizationParameters } from '@graft/tensor';

import type { ActivationTable } from './activation-table/activation-table';
import { tableByte } from './activation-table/activation-table';
import { convolve } from './kernels';
import type { QuantizedConvolution } from './quantized-graph';

/** Byte that stands for real 0 outside the map; the nearest one where the zero point is a fraction. */
export function padByte({ zeroPoint }: QuantizationParameters): number {
  return Math.min(255, Math.max(0, Math.round(zeroPoint)));
}

/** Real values before bias and activation, planar [output][row][column], from exact integer sums. */
export function accumulate(layer: QuantizedConvolution, bytes: Uint8Array): Float64Array {
  const { input, weightScales, weightZeroPoint } = layer;
  const values = new Float32Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) values[index] = bytes[index] - input.zeroPoint;
  const weights = new Float64Array(layer.weights.length);
  for (let index = 0; index < weights.length; index++) weights[index] = layer.weights[index] - weightZeroPoint;
  const sums = convolve(layer, values, weights, padByte(input) - input.zeroPoint);
  const area = sums.length / layer.output.channels;
  for (let channel = 0; channel < weightScales.length; channel++) {
    const scale = weightScales[channel] * input.scale;
    for (let index = channel * area; index < (channel + 1) * area; index++) sums[index] *= scale;
  }
  return sums;
}

/** Adds the bias and rounds to output bytes: by the layer's table, or where it has none, by the clamp of its range. */
export function toBytes(layer: QuantizedConvolution, sums: Float64Array): Uint8ClampedArray {
  if (layer.table !== undefined) return throughTable(layer.bias, layer.table, sums);
  const { scale, zeroPoint, channels } = layer.output;
  const bytes = new Uint8ClampedArray(sums.length);
  const area = sums.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const bias = layer.bias[channel];
    for (let index = channel * area; index < (channel + 1) * area; index++) {
      bytes[index] = Math.floor((sums[index] + bias) / scale + zeroPoint + 0.5);
    }
  }
  return bytes;
}

/** What the layer answers to the bytes of a map; both planar. */
export function outputBytes(layer: QuantizedConvolution, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(toBytes(layer, accumulate(layer, bytes)).buffer);
}

function throughTable(
  biases: Float64Array,
  { unit, segments }: ActivationTable,
  sums: Float64Array,
): Uint8ClampedArray {
  const bytes = new Uint8ClampedArray(sums.length);
  const area = sums.length / biases.length;
  biases.forEach((bias, channel) => {
    for (let index = channel * area; index < (channel + 1) * area; index++) {
      bytes[index] = tableByte(segments, Math.round((sums[index] + bias) / unit));
    }
  });
  return bytes;
}

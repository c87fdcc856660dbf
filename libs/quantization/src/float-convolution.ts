import { activated, isClamping } from '@graft/model';
import type { InputEncoding } from '@graft/model';

import type { FloatConvolution } from './chain';
import { convolve } from './kernels';

/** The picture as the network sees it, planar. */
export function decodePicture(bytes: Uint8Array, { scale, offset }: InputEncoding): Float32Array {
  const values = new Float32Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) values[index] = bytes[index] * scale + offset;
  return values;
}

/** Values before the activation, bias included, planar [output][row][column]. */
export function preActivation(layer: FloatConvolution, values: Float32Array): Float32Array {
  const sums = convolve(layer, values, layer.weights, 0);
  const result = new Float32Array(sums.length);
  const area = sums.length / layer.output.channels;
  for (let channel = 0; channel < layer.output.channels; channel++) {
    const bias = layer.bias[channel];
    for (let index = channel * area; index < (channel + 1) * area; index++) result[index] = sums[index] + bias;
  }
  return result;
}

export function activate(layer: FloatConvolution, values: Float32Array): Float32Array {
  const { activation } = layer;
  if (activation === 'linear') return values;
  if (!isClamping(activation)) return values.map((value) => activated(value, activation));
  const most = activation === 'relu6' ? 6 : Number.POSITIVE_INFINITY;
  const result = new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    // NaN falls through to the end: ranges report it.
    result[index] = value <= 0 ? 0 : value > most ? most : value;
  }
  return result;
}

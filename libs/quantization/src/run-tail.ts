import { activated as exactly, type Activation } from '@graft/model';

import { dequantize, quantizeValues } from './byte-values';
import { accumulate, toBytes } from './quantized-convolution';
import type { FloatTailNode, QuantizedDense, TailNode } from './quantized-graph';

const SMALLEST_NORMAL = 2 ** -126;

/** Runs the tail operation by operation, rounded and in the order of the device. `map` is planar [channel][pixel]. */
export function runTail(tail: readonly TailNode[], map: Float32Array, channels: number): Float32Array {
  let values = map;
  for (const node of tail) {
    if (node.kind === 'globalAveragePool') values = means(values, channels);
    else if (node.kind === 'globalAverageMaxPool')
      values = Float32Array.of(...means(values, channels), ...maxima(values, channels));
    else if (node.kind === 'dense') values = dense(node, values);
    else if (node.kind === 'quantizedDense') values = quantizedDense(node, values);
    else values = softmax(values);
  }
  return values;
}

function means(values: Float32Array, channels: number): Float32Array {
  const size = values.length / channels;
  return new Float32Array(channels).map((_, channel) => {
    let sum = 0;
    for (let index = channel * size; index < (channel + 1) * size; index++) sum = Math.fround(sum + values[index]);
    return sum / size;
  });
}

/** A larger byte is a larger real value: of a map that was bytes, these are what the device takes of the bytes. */
function maxima(values: Float32Array, channels: number): Float32Array {
  const size = values.length / channels;
  return new Float32Array(channels).map((_, channel) =>
    values.subarray(channel * size, (channel + 1) * size).reduce((a, b) => Math.max(a, b), -Infinity),
  );
}

function dense(node: Extract<FloatTailNode, { kind: 'dense' }>, values: Float32Array): Float32Array {
  return new Float32Array(node.units).map((_, unit) => {
    let sum = 0;
    for (let input = 0; input < node.inputs; input++) {
      sum = Math.fround(sum + Math.fround(values[input] * node.weights[unit * node.inputs + input]));
    }
    return activated(Math.fround(sum + node.bias[unit]), node.activation);
  });
}

function quantizedDense({ layers }: QuantizedDense, values: Float32Array): Float32Array {
  const first = quantizeValues(values, layers[0].input);
  const last = layers.reduce((bytes, layer) => new Uint8Array(toBytes(layer, accumulate(layer, bytes)).buffer), first);
  return dequantize(last, layers[layers.length - 1].output);
}

/** The device has a layer for the sigmoid, which rounds after each step; other functions are rounded once. */
export function activated(value: number, activation: Activation): number {
  if (activation === 'sigmoid') return 1 / Math.fround(1 + Math.fround(Math.exp(-value)));
  return exactly(value, activation);
}

function softmax(values: Float32Array): Float32Array {
  // The device starts its search for the largest value at the smallest normal number.
  const largest = values.reduce((a, b) => Math.max(a, b), SMALLEST_NORMAL);
  const powers = values.map((value) => Math.exp(Math.fround(value - largest)));
  const sum = powers.reduce((a, b) => Math.fround(a + b), 0);
  return powers.map((power) => power / sum);
}

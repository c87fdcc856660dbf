import type { QuantizationParameters } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import { wrongPictureSize } from './errors';
import { runTail } from './float-tail';
import type { QuantizedConvolution, QuantizedGraph } from './quantized-graph';
import { accumulate, toBytes } from './quantized-convolution';

/** Sees the output bytes of every convolution, planar [channel][row][column]. */
export type LayerObserver = (layer: QuantizedConvolution, bytes: Uint8Array) => void;

/**
 * What the quantized network answers to one picture (planar bytes): the last node's float32 values. Sums are exact
 * integers, the rescaling to bytes is done in float64; a chip's fixed-point multipliers may differ by one step.
 * @throws GraftError E322
 */
export function evaluateQuantized(
  graph: QuantizedGraph,
  picture: Uint8Array,
  observe: LayerObserver = () => undefined,
): Float32Array {
  if (picture.length !== sizeOf(graph.input)) throw wrongPictureSize(0, picture.length, sizeOf(graph.input));
  let bytes = picture;
  let output: QuantizationParameters & { readonly channels: number } = graph.input;
  for (const layer of graph.convolutions) {
    bytes = new Uint8Array(toBytes(layer, accumulate(layer, bytes)).buffer);
    output = layer.output;
    observe(layer, bytes);
  }
  return runTail(graph.tail, dequantize(bytes, output), output.channels);
}

/** byte · scale + bias in float32, as the device has it. */
export function dequantize(bytes: Uint8Array, { scale, zeroPoint }: QuantizationParameters): Float32Array {
  const step = Math.fround(scale);
  const bias = Math.fround(-zeroPoint * scale);
  const values = new Float32Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) values[index] = Math.fround(bytes[index] * step) + bias;
  return values;
}

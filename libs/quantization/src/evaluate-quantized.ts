import type { QuantizationParameters } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import { dequantize } from './byte-values';
import { wrongPictureSize } from './errors';
import { runTail } from './run-tail';
import type { QuantizedConvolution, QuantizedGraph } from './quantized-graph';
import { outputBytes } from './quantized-convolution';

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
    bytes = outputBytes(layer, bytes);
    output = layer.output;
    observe(layer, bytes);
  }
  return runTail(graph.tail, dequantize(bytes, output), output.channels);
}

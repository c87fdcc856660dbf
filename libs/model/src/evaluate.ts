import { unreachable } from '@graft/foundation';
import { sizeOf, type MapShape } from '@graft/tensor';

import { activated } from './activation';
import type { BatchNormNode, Graph, GraphNode } from './graph';
import { graphShapes } from './graph-shapes';
import {
  convolution3x3,
  dense,
  depthwise3x3,
  globalAveragePool,
  globalMaxPool,
  keepEven,
  pointwise,
  softmax,
} from './kernels';

/** Sees what each node answered: planes of `shape`, [channel][row][column]. The array is fresh and may be kept. */
export type NodeObserver = (node: GraphNode, values: Float32Array, shape: MapShape) => void;

/**
 * The plain definition of what a graph computes, in float32.
 * @param picture bytes, planar: [channel][row][column] of `graph.input`
 * @returns the last node's answer: class probabilities of a whole network, planes of a backbone
 */
export function evaluate(graph: Graph, picture: Uint8Array, observe: NodeObserver = () => undefined): Float32Array {
  if (picture.length !== sizeOf(graph.input)) {
    throw new Error(`internal: a picture of ${picture.length} bytes for an input of ${sizeOf(graph.input)}`);
  }
  const shapes = graphShapes(graph);
  const { scale, offset } = graph.input.encoding;
  let values: Float32Array = Float32Array.from(picture, (byte) => byte * scale + offset);
  let shape: MapShape = graph.input;
  graph.nodes.forEach((node, index) => {
    values = answer(node, values, shape);
    shape = shapes[index];
    observe(node, values, shape);
  });
  return values;
}

function answer(node: GraphNode, input: Float32Array, shape: MapShape): Float32Array {
  switch (node.kind) {
    case 'convolution':
      return convolution(node, input, shape);
    case 'depthwise':
      return depthwise3x3(input, shape, node);
    case 'batchNorm':
      return batchNorm(input, shape, node);
    case 'activation':
      return input.map((value) => activated(value, node.activation));
    case 'globalAveragePool':
      return globalAveragePool(input, shape.channels);
    case 'globalAverageMaxPool':
      return Float32Array.of(...globalAveragePool(input, shape.channels), ...globalMaxPool(input, shape.channels));
    case 'dense':
      return dense(input, node);
    case 'softmax':
      return softmax(input);
    default:
      return unreachable(node);
  }
}

function convolution(node: Extract<GraphNode, { kind: 'convolution' }>, input: Float32Array, shape: MapShape) {
  if (node.kernel === 3) return convolution3x3(input, shape, node);
  const kept = node.stride === 2 ? keepEven(input, shape) : input;
  return pointwise(kept, kept.length / node.inputChannels, node);
}

function batchNorm(input: Float32Array, { channels }: MapShape, node: BatchNormNode) {
  const area = input.length / channels;
  const output = new Float32Array(input.length);
  for (let channel = 0; channel < channels; channel++) {
    const factor = node.gamma[channel] / Math.sqrt(node.variance[channel] + node.epsilon);
    const shift = node.beta[channel] - node.mean[channel] * factor;
    for (let at = channel * area; at < (channel + 1) * area; at++) output[at] = input[at] * factor + shift;
  }
  return output;
}

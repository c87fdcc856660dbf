import { unreachable } from '@graft/foundation';
import { sizeOf, type MapShape } from '@graft/tensor';

import type { Graph, GraphNode } from './graph';

/** A node that does not fit what stands before it. */
export class GraphShapeError extends Error {}

/** Shape after each node; a vector is a map of 1×1. @throws GraphShapeError when a node does not fit the one before it */
export function graphShapes(graph: Graph): readonly MapShape[] {
  const { channels, height, width } = graph.input;
  let shape: MapShape = { channels, height, width };
  return graph.nodes.map((node) => (shape = shapeAfter(node, shape)));
}

function shapeAfter(node: GraphNode, input: MapShape): MapShape {
  switch (node.kind) {
    case 'convolution':
      demand(node.inputChannels === input.channels, node, input);
      demandLengths(node, node.weights, node.outputChannels * node.inputChannels * node.kernel ** 2);
      demandLengths(node, node.bias, node.outputChannels);
      return { channels: node.outputChannels, ...strided(node, input) };
    case 'depthwise':
      demand(node.channels === input.channels, node, input);
      demandLengths(node, node.weights, node.channels * 9);
      demandLengths(node, node.bias, node.channels);
      return { channels: node.channels, ...strided(node, input) };
    case 'batchNorm':
      for (const vector of [node.gamma, node.beta, node.mean, node.variance])
        demandLengths(node, vector, input.channels);
      return input;
    case 'activation':
      return input;
    case 'globalAveragePool':
      return { channels: input.channels, height: 1, width: 1 };
    case 'globalAverageMaxPool':
      return { channels: 2 * input.channels, height: 1, width: 1 };
    case 'dense':
      demand(sizeOf(input) === node.inputs && input.channels === node.inputs, node, input);
      demandLengths(node, node.weights, node.units * node.inputs);
      demandLengths(node, node.bias, node.units);
      return { channels: node.units, height: 1, width: 1 };
    case 'softmax':
      demand(sizeOf(input) === input.channels, node, input);
      return input;
    default:
      return unreachable(node);
  }
}

function strided(node: { readonly name: string; readonly stride: 1 | 2 }, { channels, height, width }: MapShape) {
  const fits = node.stride === 1 || (height % 2 === 0 && width % 2 === 0);
  demand(fits, node, { channels, height, width });
  return { height: height / node.stride, width: width / node.stride };
}

function demand(fits: boolean, node: { readonly name: string }, { channels, height, width }: MapShape): void {
  if (!fits) throw new GraphShapeError(`node "${node.name}" does not take a map of ${channels}×${height}×${width}`);
}

function demandLengths(node: { readonly name: string }, array: Float32Array | undefined, length: number): void {
  if (array === undefined || array.length === length) return;
  throw new GraphShapeError(`node "${node.name}" has an array of ${array.length} numbers in place of ${length}`);
}

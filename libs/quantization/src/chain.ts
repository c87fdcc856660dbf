import { foldBatchNorm, isGlobalPool } from '@graft/model';
import type { Activation, ConvolutionNode, DepthwiseNode, Graph, GraphNode } from '@graft/model';
import type { MapShape } from '@graft/tensor';

import { notFinite, unsupportedGraph } from './errors';
import type { FloatTailNode } from './quantized-graph';

/** A convolution with its batch norm folded in and its activation attached. */
export interface FloatConvolution {
  readonly kind: 'convolution' | 'depthwise';
  readonly name: string;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly input: MapShape;
  /** After the stride. */
  readonly output: MapShape;
  /** [output][input][row][column], or [channel][row][column] for depthwise. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  readonly activation: Activation;
}

/** The two halves of a network: what the KPU runs, and what follows on the CPU. */
export interface Chain {
  readonly convolutions: readonly FloatConvolution[];
  readonly tail: readonly FloatTailNode[];
}

/** Folds batch norms and takes the network apart. @throws GraftError E320 for any other order of nodes, E323. */
export function chainOf(graph: Graph): Chain {
  const nodes = foldBatchNorm(graph).nodes;
  const convolutions: FloatConvolution[] = [];
  let shape: MapShape = graph.input;
  let at = 0;
  for (let node = nodes[at]; node?.kind === 'convolution' || node?.kind === 'depthwise'; node = nodes[at]) {
    const activation = activationAt(nodes, at + 1);
    const convolution = floatConvolution(node, shape, activation ?? 'linear');
    convolutions.push(convolution);
    shape = convolution.output;
    at += activation === undefined ? 1 : 2;
  }
  if (convolutions.length === 0)
    throw unsupportedGraph(nodes[0]?.name ?? graph.name, 'the first node must be a convolution');
  return { convolutions, tail: tailOf(nodes.slice(at), shape) };
}

function floatConvolution(
  node: ConvolutionNode | DepthwiseNode,
  input: MapShape,
  activation: Activation,
): FloatConvolution {
  const depthwise = node.kind === 'depthwise';
  const expected = depthwise ? node.channels : node.inputChannels;
  const channels = depthwise ? node.channels : node.outputChannels;
  const kernel = depthwise ? 3 : node.kernel;
  if (expected !== input.channels)
    throw unsupportedGraph(node.name, `it takes ${expected} channels and is given ${input.channels}`);
  if (node.weights.length !== channels * (depthwise ? 1 : expected) * kernel ** 2)
    throw unsupportedGraph(node.name, `it has ${node.weights.length} weights, which does not match its shape`);
  if (node.stride === 2 && (input.height % 2 !== 0 || input.width % 2 !== 0))
    throw unsupportedGraph(node.name, `stride 2 on a map of ${input.height}×${input.width}: both sizes must be even`);
  checkFinite(node.name, node.weights, node.bias);
  return {
    kind: node.kind,
    name: node.name,
    kernel,
    stride: node.stride,
    input: { channels: input.channels, height: input.height, width: input.width },
    output: { channels, height: input.height / node.stride, width: input.width / node.stride },
    weights: Float64Array.from(node.weights),
    bias: Float64Array.from(node.bias ?? new Float32Array(channels)),
    activation,
  };
}

function tailOf(nodes: readonly GraphNode[], map: MapShape): FloatTailNode[] {
  const tail: FloatTailNode[] = [];
  let size: number | undefined;
  let previous: FloatTailNode['kind'] | undefined;
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at];
    if (isGlobalPool(node) && size === undefined) {
      tail.push({ kind: node.kind, name: node.name });
      size = node.kind === 'globalAverageMaxPool' ? 2 * map.channels : map.channels;
    } else if (node.kind === 'dense' && size === node.inputs && previous !== 'softmax') {
      checkFinite(node.name, node.weights, node.bias);
      const activation = activationAt(nodes, at + 1);
      const { kind, name, inputs, units, weights, bias } = node;
      tail.push({ kind, name, inputs, units, weights, bias, activation: activation ?? 'linear' });
      size = units;
      if (activation !== undefined) at++;
    } else if (node.kind === 'softmax' && size !== undefined && previous !== 'softmax') {
      tail.push({ kind: node.kind, name: node.name });
    } else throw unsupportedGraph(node.name, misplaced(node, size, previous));
    previous = tail.at(-1)?.kind;
  }
  return tail;
}

function misplaced(node: GraphNode, size: number | undefined, previous: string | undefined): string {
  if (previous === 'softmax') return 'nothing may follow the softmax';
  if (node.kind === 'dense' && size !== undefined) return `it takes ${node.inputs} inputs and is given ${size}`;
  if (node.kind === 'dense' || node.kind === 'softmax') return 'a global pool must stand before it';
  return `a ${node.kind} cannot stand here`;
}

function activationAt(nodes: readonly GraphNode[], at: number): Activation | undefined {
  const node = nodes[at];
  return node?.kind === 'activation' ? node.activation : undefined;
}

function checkFinite(name: string, ...arrays: readonly (Float32Array | undefined)[]): void {
  for (const array of arrays)
    if (array !== undefined && !array.every(Number.isFinite)) throw notFinite(`the weights of "${name}"`);
}

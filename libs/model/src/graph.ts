import type { MapShape } from '@graft/tensor';

import type { Activation } from './activation';

interface NodeBase {
  readonly name: string;
}

/**
 * 1×1 or 3×3 convolution, cross-correlation order, weights [output][input][row][column].
 * 3×3 pads one pixel of real 0 on all four sides; stride 2 keeps the outputs at (2i, 2j). So it is exactly what the KPU
 * computes. Height and width are even where the stride is 2.
 */
export interface ConvolutionNode extends NodeBase {
  readonly kind: 'convolution';
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly weights: Float32Array;
  readonly bias?: Float32Array;
}

/** 3×3 convolution of every channel by itself; weights [channel][row][column]; padding and stride as above. */
export interface DepthwiseNode extends NodeBase {
  readonly kind: 'depthwise';
  readonly channels: number;
  readonly stride: 1 | 2;
  readonly weights: Float32Array;
  readonly bias?: Float32Array;
}

/** y = gamma · (x − mean) / √(variance + epsilon) + beta, per channel. */
export interface BatchNormNode extends NodeBase {
  readonly kind: 'batchNorm';
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

export interface ActivationNode extends NodeBase {
  readonly kind: 'activation';
  readonly activation: Activation;
}

/** Mean over height and width: a vector of channels. */
export interface GlobalAveragePoolNode extends NodeBase {
  readonly kind: 'globalAveragePool';
}

/** The same means, then the maximum over height and width of each channel: a vector of twice the channels. */
export interface GlobalAverageMaxPoolNode extends NodeBase {
  readonly kind: 'globalAverageMaxPool';
}

/** Makes a vector of a map. */
export type GlobalPoolNode = GlobalAveragePoolNode | GlobalAverageMaxPoolNode;

/** y = W x + b; weights [unit][input]. */
export interface DenseNode extends NodeBase {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly units: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export interface SoftmaxNode extends NodeBase {
  readonly kind: 'softmax';
}

export type GraphNode =
  ConvolutionNode | DepthwiseNode | BatchNormNode | ActivationNode | GlobalPoolNode | DenseNode | SoftmaxNode;

/** real = byte · scale + offset, for every channel alike. */
export interface InputEncoding {
  readonly scale: number;
  readonly offset: number;
}

/** A chain: each node reads the one before it, the first one the picture. Names are unique. */
export interface Graph {
  readonly name: string;
  readonly input: MapShape & { readonly encoding: InputEncoding };
  readonly nodes: readonly GraphNode[];
}

export function isGlobalPool(node: GraphNode): node is GlobalPoolNode {
  return node.kind === 'globalAveragePool' || node.kind === 'globalAverageMaxPool';
}

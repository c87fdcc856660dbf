import { unreachable } from '@graft/foundation';
import {
  foldBatchNorm,
  isClamping,
  type ClampingActivation,
  type ConvolutionNode,
  type DepthwiseNode,
  type Graph,
  type GraphNode,
} from '@graft/model';
import { reverseAxes } from '@graft/tensor';
import * as tf from '@tensorflow/tfjs-core';

import { activate } from './activation-layer';
import { globalPool } from './global-pool';
import { trainingOps } from './running-ops';
import type { Merged } from './training-ops';

type Step = (input: tf.Tensor) => tf.Tensor;

/** A graph on the back end, for answers only: batch norms folded, activations merged into the convolutions before them. */
export class Inference {
  private readonly weights: tf.Tensor[] = [];
  private readonly steps: readonly Step[];

  constructor(private readonly graph: Graph) {
    this.steps = this.stepsOf(foldBatchNorm(graph).nodes);
  }

  /** @param pictures bytes [row][column][RGB] each. @returns the last node's answers, one picture after the other, channels last */
  run(pictures: readonly Uint8Array[]): Float32Array {
    const input = pictureTensor(pictures, this.graph.input);
    const output = this.apply(input);
    input.dispose();
    const answers = output.dataSync<'float32'>();
    output.dispose();
    return answers;
  }

  /** The last node's answers to what the first one takes, as a fresh tensor. Keeps `input`. */
  apply(input: tf.Tensor): tf.Tensor {
    let value = tf.clone(input);
    for (const step of this.steps) {
      const before = value;
      value = tf.tidy(() => step(before));
      before.dispose();
    }
    return value;
  }

  dispose(): void {
    tf.dispose(this.weights);
  }

  private stepsOf(nodes: readonly GraphNode[]): Step[] {
    return nodes.flatMap((node, index) => {
      const [before, after] = [nodes[index - 1], nodes[index + 1]];
      if (isConvolution(node)) return [this.convolutionStep(node, mergeable(after))];
      return isConvolution(before) && mergeable(node) !== 'linear' ? [] : [this.plainStep(node)];
    });
  }

  private convolutionStep(node: ConvolutionNode | DepthwiseNode, activation: ClampingActivation): Step {
    const outputs = node.kind === 'depthwise' ? node.channels : node.outputChannels;
    const bias = this.hold(tf.tensor1d(node.bias ?? new Float32Array(outputs)));
    const merged: Merged = { bias, activation };
    if (node.kind === 'depthwise') {
      const weights = this.hold(tf.tensor4d(reverseAxes(node.weights, outputs, 1, 9), [3, 3, outputs, 1]));
      return (input) => trainingOps().depthwise(input as tf.Tensor4D, weights, node.stride, merged);
    }
    const { kernel, inputChannels } = node;
    const values = reverseAxes(node.weights, outputs, inputChannels, kernel * kernel);
    const weights = this.hold(tf.tensor4d(values, [kernel, kernel, inputChannels, outputs]));
    return (input) => trainingOps().convolution(input as tf.Tensor4D, weights, node, merged);
  }

  private plainStep(node: Exclude<GraphNode, ConvolutionNode | DepthwiseNode>): Step {
    switch (node.kind) {
      case 'activation':
        return (input) => activate(input, node.activation);
      case 'batchNorm': {
        const factor = node.gamma.map((gamma, at) => gamma / Math.sqrt(node.variance[at] + node.epsilon));
        const shift = node.beta.map((beta, at) => beta - node.mean[at] * factor[at]);
        const [factors, shifts] = [this.hold(tf.tensor1d(factor)), this.hold(tf.tensor1d(shift))];
        return (input) => tf.add(tf.mul(input, factors), shifts);
      }
      case 'globalAveragePool':
        return (input) => globalPool('avg', input as tf.Tensor4D);
      case 'globalAverageMaxPool':
        return (input) => globalPool('avg_max', input as tf.Tensor4D);
      case 'dense': {
        const values = reverseAxes(node.weights, node.units, 1, node.inputs);
        const weights = this.hold(tf.tensor2d(values, [node.inputs, node.units]));
        const bias = this.hold(tf.tensor1d(node.bias));
        return (input) => trainingOps().dense(input as tf.Tensor2D, weights, bias);
      }
      case 'softmax':
        return (input) => tf.softmax(input);
      default:
        return unreachable(node);
    }
  }

  private hold<T extends tf.Tensor>(tensor: T): T {
    this.weights.push(tensor);
    return tensor;
  }
}

function isConvolution(node: GraphNode | undefined): node is ConvolutionNode | DepthwiseNode {
  return node?.kind === 'convolution' || node?.kind === 'depthwise';
}

/** What the kernel of a convolution applies itself. */
function mergeable(node: GraphNode | undefined): ClampingActivation {
  return node?.kind === 'activation' && isClamping(node.activation) ? node.activation : 'linear';
}

/** Pictures on the back end: [picture][row][column][channel]. */
export function pictureTensor(pictures: readonly Uint8Array[], input: Graph['input']): tf.Tensor4D {
  return tf.tensor4d(decodePixels(pictures, input), [pictures.length, input.height, input.width, 3]);
}

/** Bytes to the real numbers that the network sees; [picture][row][column][channel]. */
export function decodePixels(
  pictures: readonly Uint8Array[],
  { height, width, encoding }: Graph['input'],
): Float32Array {
  const size = height * width * 3;
  const values = new Float32Array(pictures.length * size);
  pictures.forEach((picture, index) => {
    if (picture.length !== size) throw new Error(`internal: a picture of ${picture.length} bytes where ${size} belong`);
    for (let at = 0; at < size; at++) values[index * size + at] = picture[at] * encoding.scale + encoding.offset;
  });
  return values;
}

import type { ConvolutionNode, DepthwiseNode } from '@graft/model';
import { reverseAxes } from '@graft/tensor';
import type * as tf from '@tensorflow/tfjs-core';

import { Parameter, type Layer } from './layer';
import { trainingOps } from './running-ops';

export function convolutionLayer(node: ConvolutionNode): Layer {
  const { name, kernel, inputChannels, outputChannels } = node;
  const taps = kernel * kernel;
  const values = reverseAxes(node.weights, outputChannels, inputChannels, taps);
  const weights = new Parameter(`${name}/weights`, [kernel, kernel, inputChannels, outputChannels], values, true);
  const bias = biasParameter(node);
  return {
    name,
    parameters: [weights, ...bias],
    statistics: [],
    forward: (input) => {
      const map = trainingOps().convolution(input as tf.Tensor4D, weights.tensor(), node);
      return { output: withBias(map, bias), saved: [input] };
    },
    backward: (gradient, [input], wantsInput) => ({
      input: wantsInput
        ? trainingOps().convolutionInputGradient(gradient as tf.Tensor4D, weights.tensor(), node)
        : undefined,
      parameters: [
        trainingOps().convolutionKernelGradient(input as tf.Tensor4D, gradient as tf.Tensor4D, node),
        ...bias.map(() => trainingOps().biasGradient(gradient as tf.Tensor4D)),
      ],
    }),
    node: () => ({
      ...node,
      weights: reverseAxes(weights.values, taps, inputChannels, outputChannels),
      ...learnedBias(bias),
    }),
  };
}

export function depthwiseLayer(node: DepthwiseNode): Layer {
  const { name, channels, stride } = node;
  const values = reverseAxes(node.weights, channels, 1, 9);
  const weights = new Parameter(`${name}/weights`, [3, 3, channels, 1], values, true);
  const bias = biasParameter(node);
  return {
    name,
    parameters: [weights, ...bias],
    statistics: [],
    forward: (input) => {
      const map = trainingOps().depthwise(input as tf.Tensor4D, weights.tensor(), stride);
      return { output: withBias(map, bias), saved: [input] };
    },
    backward: (gradient, [input], wantsInput) => ({
      input: wantsInput
        ? trainingOps().depthwiseInputGradient(gradient as tf.Tensor4D, weights.tensor(), stride)
        : undefined,
      parameters: [
        trainingOps().depthwiseKernelGradient(input as tf.Tensor4D, gradient as tf.Tensor4D, stride),
        ...bias.map(() => trainingOps().biasGradient(gradient as tf.Tensor4D)),
      ],
    }),
    node: () => ({ ...node, weights: reverseAxes(weights.values, 9, 1, channels), ...learnedBias(bias) }),
  };
}

/** The bias, or nothing where a batch norm takes its place. */
function biasParameter({ name, bias }: ConvolutionNode | DepthwiseNode): readonly Parameter[] {
  return bias === undefined ? [] : [new Parameter(`${name}/bias`, [bias.length], bias.slice(), false)];
}

function withBias(map: tf.Tensor, bias: readonly Parameter[]): tf.Tensor {
  return bias.reduce((sum, parameter) => trainingOps().addBias(sum, parameter.tensor()), map);
}

function learnedBias([bias]: readonly Parameter[]): { bias?: Float32Array } {
  return bias === undefined ? {} : { bias: bias.values.slice() };
}

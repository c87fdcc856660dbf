import type { ConvolutionNode, DepthwiseNode } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { convolution, depthwise } from './convolutions';
import {
  channelSums,
  convolutionInputGradient,
  convolutionKernelGradient,
  depthwiseInputGradient,
  depthwiseKernelGradient,
} from './gradients';
import { Parameter, type Layer } from './layer';
import { reverseAxes } from './layouts';

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
      const map = convolution(input as tf.Tensor4D, weights.tensor(), node);
      return { output: withBias(map, bias), saved: [input] };
    },
    backward: (gradient, [input]) => ({
      input: convolutionInputGradient(gradient as tf.Tensor4D, weights.tensor(), node),
      parameters: [
        convolutionKernelGradient(input as tf.Tensor4D, gradient as tf.Tensor4D, node),
        ...bias.map(() => channelSums(gradient as tf.Tensor4D)),
      ],
    }),
    node: () => ({ ...node, weights: reverseAxes(values, taps, inputChannels, outputChannels), ...learnedBias(bias) }),
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
      const map = depthwise(input as tf.Tensor4D, weights.tensor(), stride);
      return { output: withBias(map, bias), saved: [input] };
    },
    backward: (gradient, [input]) => ({
      input: depthwiseInputGradient(gradient as tf.Tensor4D, weights.tensor(), stride),
      parameters: [
        depthwiseKernelGradient(input as tf.Tensor4D, gradient as tf.Tensor4D, stride),
        ...bias.map(() => channelSums(gradient as tf.Tensor4D)),
      ],
    }),
    node: () => ({ ...node, weights: reverseAxes(values, 9, 1, channels), ...learnedBias(bias) }),
  };
}

/** The bias, or nothing where a batch norm takes its place. */
function biasParameter({ name, bias }: ConvolutionNode | DepthwiseNode): readonly Parameter[] {
  return bias === undefined ? [] : [new Parameter(`${name}/bias`, [bias.length], bias.slice(), false)];
}

function withBias(map: tf.Tensor, bias: readonly Parameter[]): tf.Tensor {
  return bias.reduce((sum, parameter) => tf.add(sum, parameter.tensor()), map);
}

function learnedBias([bias]: readonly Parameter[]): { bias?: Float32Array } {
  return bias === undefined ? {} : { bias: bias.values.slice() };
}

import type { Random } from '@graft/foundation';
import type { DenseNode, GlobalAveragePoolNode } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { Parameter, type Layer } from './layer';
import { reverseAxes } from './layouts';

export function poolLayer(node: GlobalAveragePoolNode): Layer {
  return {
    ...withoutParameters(node.name),
    forward: (input) => ({ output: globalAveragePool(input as tf.Tensor4D), saved: [input] }),
    backward: (gradient, [input]) => {
      const [pictures, height, width, channels] = input.shape;
      const each = tf.reshape(tf.div(gradient, height * width), [pictures, 1, 1, channels]);
      return { input: tf.mul(each, tf.ones([1, height, width, 1])), parameters: [] };
    },
    node: () => node,
  };
}

export function globalAveragePool(map: tf.Tensor4D): tf.Tensor2D {
  const [pictures, height, width, channels] = map.shape;
  return tf.reshape(tf.avgPool(map, [height, width], 1, 'valid'), [pictures, channels]);
}

export function denseLayer(node: DenseNode): Layer {
  const { name, inputs, units } = node;
  const weights = new Parameter(`${name}/weights`, [inputs, units], reverseAxes(node.weights, units, 1, inputs), true);
  const bias = new Parameter(`${name}/bias`, [units], node.bias.slice(), false);
  return {
    name,
    parameters: [weights, bias],
    statistics: [],
    forward: (input) => ({
      output: tf.add(tf.matMul(input as tf.Tensor2D, weights.tensor<tf.Tensor2D>()), bias.tensor()),
      saved: [input],
    }),
    backward: (gradient, [input]) => ({
      input: tf.matMul(gradient as tf.Tensor2D, tf.transpose(weights.tensor<tf.Tensor2D>())),
      parameters: [tf.matMul(tf.transpose(input as tf.Tensor2D), gradient as tf.Tensor2D), tf.sum(gradient, 0)],
    }),
    node: () => ({ ...node, weights: reverseAxes(weights.values, inputs, 1, units), bias: bias.values.slice() }),
  };
}

/** In training, sets each number to 0 with this probability and scales the others up, so that their sum stays in the mean. */
export function dropoutLayer(name: string, rate: number, random: Random): Layer {
  const draw = (input: tf.Tensor) => {
    const mask = Float32Array.from({ length: input.size }, () => (random.uniform() < rate ? 0 : 1 / (1 - rate)));
    return tf.tensor(mask, input.shape);
  };
  return {
    ...withoutParameters(name),
    random,
    forward: (input, training) => {
      if (!training) return { output: tf.clone(input), saved: [] };
      const mask = draw(input);
      return { output: tf.mul(input, mask), saved: [mask] };
    },
    backward: (gradient, [mask]) => ({ input: tf.mul(gradient, mask), parameters: [] }),
    node: () => null,
  };
}

function withoutParameters(name: string) {
  return { name, parameters: [], statistics: [] } as const;
}

import type { DenseNode, GlobalAveragePoolNode } from '@graft/model';
import { reverseAxes } from '@graft/tensor';
import * as tf from '@tensorflow/tfjs-core';

import { Parameter, type Chance, type Layer } from './layer';
import { trainingOps } from './running-ops';

export function poolLayer(node: GlobalAveragePoolNode): Layer {
  return {
    ...withoutParameters(node.name),
    // The map itself is not needed on the way back, only its shape; but the chain holds tensors.
    forward: (input) => ({ output: trainingOps().globalAveragePool(input as tf.Tensor4D), saved: [input] }),
    backward: (gradient, [input]) => ({
      input: trainingOps().globalAveragePoolGradient(gradient as tf.Tensor2D, input.shape),
      parameters: [],
    }),
    node: () => node,
  };
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
      output: trainingOps().dense(input as tf.Tensor2D, weights.tensor(), bias.tensor()),
      saved: [input],
    }),
    backward: (gradient, [input], wantsInput) => ({
      input: wantsInput ? trainingOps().denseInputGradient(gradient as tf.Tensor2D, weights.tensor()) : undefined,
      parameters: [
        trainingOps().denseWeightsGradient(input as tf.Tensor2D, gradient as tf.Tensor2D),
        trainingOps().denseBiasGradient(gradient as tf.Tensor2D),
      ],
    }),
    node: () => ({ ...node, weights: reverseAxes(weights.values, inputs, 1, units), bias: bias.values.slice() }),
  };
}

/** In training, sets each number to 0 with this probability and scales the others up, so that their sum stays in the mean. */
export function dropoutLayer(name: string, rate: number, chance: Chance): Layer {
  const draw = (input: tf.Tensor) => {
    const mask = new Float32Array(input.size);
    // A plain loop: with a callback for each number, drawing takes a tenth of a head's training.
    for (let at = 0; at < mask.length; at++) mask[at] = chance.random.uniform() < rate ? 0 : 1 / (1 - rate);
    return tf.tensor(mask, input.shape);
  };
  return {
    ...withoutParameters(name),
    chance,
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

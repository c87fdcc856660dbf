import { unreachable } from '@graft/foundation';
import type { Activation, ActivationNode, ClampingActivation } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import type { Layer } from './layer';
import { trainingOps } from './running-ops';

export function activationLayer(node: ActivationNode): Layer {
  const { name, activation } = node;
  return {
    name,
    parameters: [],
    statistics: [],
    forward: (input) => {
      const output = activate(input, activation);
      // Only hard swish, which falls and rises, cannot tell its slope from what it answered.
      return { output, saved: [activation === 'hard_swish' ? input : output] };
    },
    backward: (gradient, [saved]) => ({ input: throughActivation(gradient, saved, activation), parameters: [] }),
    node: () => node,
  };
}

export function activate(input: tf.Tensor, activation: Activation): tf.Tensor {
  if (typeof activation === 'object') return tf.leakyRelu(input, activation.alpha);
  switch (activation) {
    case 'linear':
      return tf.clone(input);
    case 'relu':
    case 'relu6':
      return trainingOps().clamp(input, activation);
    case 'sigmoid':
      return tf.sigmoid(input);
    case 'tanh':
      return tf.tanh(input);
    case 'hard_swish':
      return tf.div(tf.mul(input, tf.relu6(tf.add(input, 3))), 6);
    default:
      return unreachable(activation);
  }
}

/** `saved` is the output; of hard swish, the input. On a corner the slope is the one below it, as everywhere in the field. */
function throughActivation(gradient: tf.Tensor, saved: tf.Tensor, activation: Activation): tf.Tensor {
  if (activation === 'linear') return tf.clone(gradient);
  if (activation === 'relu' || activation === 'relu6') return trainingOps().clampGradient(gradient, saved, activation);
  return tf.mul(gradient, slope(saved, activation));
}

function slope(saved: tf.Tensor, activation: Exclude<Activation, ClampingActivation>): tf.Tensor {
  if (typeof activation === 'object') return tf.step(saved, activation.alpha);
  switch (activation) {
    case 'sigmoid':
      return tf.mul(saved, tf.sub(1, saved));
    case 'tanh':
      return tf.sub(1, tf.square(saved));
    case 'hard_swish':
      return hardSwishSlope(saved);
    default:
      return unreachable(activation);
  }
}

/** 0 up to −3, (2x + 3) / 6 up to 3, then 1. */
function hardSwishSlope(input: tf.Tensor): tf.Tensor {
  const curved = tf.div(tf.add(tf.mul(input, 2), 3), 6);
  const live = tf.step(tf.add(input, 3));
  const straight = tf.step(tf.sub(input, 3));
  return tf.add(tf.mul(curved, tf.sub(live, straight)), straight);
}

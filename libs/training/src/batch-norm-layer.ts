import type { BatchNormNode } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { channelSums } from './gradients';
import { Parameter, type Layer } from './layer';

/** Share of the old value in a moving average, as in Keras. */
const MOMENTUM = 0.99;

/**
 * Batch norm whose gamma and beta learn. With `movesStatistics`, training normalises by the batch's own mean and (biased) variance and
 * moves the averages; else the averages are used and stay as they are (unlike tfjs-layers, which moves them even then).
 */
export function batchNormLayer(node: BatchNormNode, movesStatistics: boolean): Layer {
  const { name, epsilon } = node;
  const channels = node.gamma.length;
  const gamma = new Parameter(`${name}/gamma`, [channels], node.gamma.slice(), false);
  const beta = new Parameter(`${name}/beta`, [channels], node.beta.slice(), false);
  const mean = node.mean.slice();
  const variance = node.variance.slice();

  const byAverages = (input: tf.Tensor) => {
    const inverse = tf.tensor1d(variance.map((value) => 1 / Math.sqrt(value + epsilon)));
    return { normal: tf.mul(tf.sub(input, tf.tensor1d(mean)), inverse), inverse };
  };
  const byBatch = (input: tf.Tensor4D) => {
    const batch = momentsOf(input);
    move(mean, batch.mean);
    move(variance, batch.variance);
    const inverse = tf.rsqrt(tf.add(batch.variance, epsilon));
    return { normal: tf.mul(batch.centred, inverse), inverse };
  };

  return {
    name,
    parameters: [gamma, beta],
    statistics: [mean, variance],
    forward: (input, training) => {
      const { normal, inverse } = training && movesStatistics ? byBatch(input as tf.Tensor4D) : byAverages(input);
      const output = tf.add(tf.mul(normal, gamma.tensor()), beta.tensor());
      return { output, saved: training ? [normal, inverse] : [] };
    },
    backward: (gradient, [normal, inverse]) => {
      const betaGradient = channelSums(gradient as tf.Tensor4D);
      const gammaGradient = channelSums(tf.mul(gradient, normal) as tf.Tensor4D);
      const factor = tf.mul(gamma.tensor(), inverse);
      const passed = movesStatistics ? throughMoments(gradient, normal, betaGradient, gammaGradient) : gradient;
      return { input: tf.mul(passed, factor), parameters: [gammaGradient, betaGradient] };
    },
    node: () => ({
      ...node,
      gamma: gamma.values.slice(),
      beta: beta.values.slice(),
      mean: mean.slice(),
      variance: variance.slice(),
    }),
  };
}

/** In two passes: the variance of a map with a large mean would drown in the difference of two large sums. */
function momentsOf(input: tf.Tensor4D) {
  const count = input.size / input.shape[3];
  const mean = tf.div(channelSums(input), count);
  const centred = tf.sub(input, mean) as tf.Tensor4D;
  const variance = tf.div(channelSums(tf.square(centred)), count);
  return { mean, centred, variance };
}

/** The batch's mean and variance depend on every pixel: their share of the gradient is taken off (Ioffe and Szegedy, 2015). */
function throughMoments(
  gradient: tf.Tensor,
  normal: tf.Tensor,
  betaGradient: tf.Tensor,
  gammaGradient: tf.Tensor,
): tf.Tensor {
  const count = gradient.size / betaGradient.size;
  const common = tf.div(betaGradient, count);
  return tf.sub(gradient, tf.add(common, tf.mul(normal, tf.div(gammaGradient, count))));
}

function move(average: Float32Array, batch: tf.Tensor): void {
  batch.dataSync().forEach((value, channel) => {
    average[channel] = average[channel] * MOMENTUM + value * (1 - MOMENTUM);
  });
}

import type { BatchNormNode } from '@graft/model';
import type * as tf from '@tensorflow/tfjs-core';

import { Parameter, type Layer } from './layer';
import { trainingOps } from './running-ops';

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

  const numbers = () => ({ gamma: gamma.tensor<tf.Tensor1D>(), beta: beta.tensor<tf.Tensor1D>(), epsilon });
  const byBatch = (input: tf.Tensor4D) => {
    const { output, saved, batch } = trainingOps().normalizeByBatch(input, numbers());
    move(mean, batch.mean);
    move(variance, batch.variance);
    return { output, saved };
  };

  return {
    name,
    parameters: [gamma, beta],
    statistics: [mean, variance],
    forward: (input, training) => {
      if (training && movesStatistics) return byBatch(input as tf.Tensor4D);
      const { output, saved } = trainingOps().normalizeByAverages(input, numbers(), { mean, variance });
      return { output, saved: training ? saved : [] };
    },
    backward: (gradient, saved) => {
      const moments = movesStatistics ? 'batch' : 'averages';
      const back = trainingOps().normalizeGradient(gradient as tf.Tensor4D, saved, numbers(), moments);
      return { input: back.input, parameters: [back.gamma, back.beta] };
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

function move(average: Float32Array, batch: Float32Array): void {
  batch.forEach((value, channel) => {
    average[channel] = average[channel] * MOMENTUM + value * (1 - MOMENTUM);
  });
}

import * as tf from '@tensorflow/tfjs-core';

import { convolution, depthwise } from './convolutions';
import {
  channelSums,
  convolutionInputGradient,
  convolutionKernelGradient,
  depthwiseInputGradient,
  depthwiseKernelGradient,
} from './gradients';
import { createOptimizer } from './optimizer';
import { ALONE, type Group } from './threads/group';
import type { TrainingOps } from './training-ops';

type BatchNormOps = Pick<TrainingOps, 'normalizeByBatch' | 'normalizeByAverages' | 'normalizeGradient'>;

/** What works on each picture by itself, and sums over the pictures at hand. */
const OPS_PER_PICTURE: Omit<TrainingOps, keyof BatchNormOps> = {
  convolution,
  convolutionInputGradient,
  convolutionKernelGradient,

  depthwise,
  depthwiseInputGradient,
  depthwiseKernelGradient,

  addBias: (map, bias) => tf.add(map, bias),
  biasGradient: channelSums,

  clamp: (input, bounds) => (bounds === 'relu' ? tf.relu(input) : tf.relu6(input)),
  clampGradient: (gradient, output, bounds) => {
    const above = tf.step(output);
    return tf.mul(gradient, bounds === 'relu' ? above : tf.mul(above, tf.step(tf.sub(6, output))));
  },

  globalAveragePool: (map) => {
    const [pictures, height, width, channels] = map.shape;
    return tf.reshape(tf.avgPool(map, [height, width], 1, 'valid'), [pictures, channels]);
  },
  globalAveragePoolGradient: (gradient, [pictures, height, width, channels]) => {
    const each = tf.reshape(tf.div(gradient, height * width), [pictures, 1, 1, channels]);
    return tf.mul(each, tf.ones([1, height, width, 1]));
  },

  dense: (input, weights, bias) => tf.add(tf.matMul(input, weights), bias),
  // Turned round in a step of its own: the product's own way of turning a factor is slow in wasm.
  denseInputGradient: (gradient, weights) => tf.matMul(gradient, tf.transpose(weights)),
  denseWeightsGradient: (input, gradient) => tf.matMul(tf.transpose(input), gradient),
  denseBiasGradient: (gradient) => tf.sum(gradient, 0),

  optimizer: createOptimizer,
};

/** Put together from what every back end of tfjs has, in ways that are fast on wasm. Its bytes are the same in every run there. */
export const genericOps = opsOfMember(ALONE);

/** The same for one member of a group: batch norms see the batch of all. Gradients by parameters are those of the own pictures. */
export function opsOfMember(group: Group): TrainingOps {
  return { ...OPS_PER_PICTURE, ...batchNormOps(group) };
}

function batchNormOps(group: Group): BatchNormOps {
  return {
    normalizeByBatch: (input, { gamma, beta, epsilon }) => {
      const { mean, centred, variance } = momentsOf(input, group);
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const normal = tf.mul(centred, inverse);
      return {
        output: tf.add(tf.mul(normal, gamma), beta),
        saved: [normal, inverse],
        batch: { mean: mean.dataSync<'float32'>(), variance: variance.dataSync<'float32'>() },
      };
    },
    normalizeByAverages: (input, { gamma, beta, epsilon }, { mean, variance }) => {
      const inverse = tf.tensor1d(variance.map((value) => 1 / Math.sqrt(value + epsilon)));
      const normal = tf.mul(tf.sub(input, tf.tensor1d(mean)), inverse);
      return { output: tf.add(tf.mul(normal, gamma), beta), saved: [normal, inverse] };
    },
    normalizeGradient: (gradient, [normal, inverse], { gamma }, moments) => {
      const betaGradient = channelSums(gradient);
      const gammaGradient = channelSums(tf.mul(gradient, normal) as tf.Tensor4D);
      const factor = tf.mul(gamma, inverse);
      const sums = [betaGradient, gammaGradient] as const;
      const passed = moments === 'batch' ? throughMoments(gradient, normal, sums, group) : gradient;
      return { input: tf.mul(passed, factor), gamma: gammaGradient, beta: betaGradient };
    },
  };
}

/** Pixels of one channel in the whole batch. */
function pixelsOf({ shape: [pictures, height, width] }: tf.Tensor4D, group: Group): number {
  return group.pictures(pictures) * height * width;
}

/** Adds up sums over the own pictures to sums over those of the group. */
function acrossGroup(sums: readonly tf.Tensor1D[], group: Group): tf.Tensor1D[] {
  if (group === ALONE) return [...sums];
  const [first] = sums;
  const all = group.sum(tf.concat1d([...sums]).dataSync<'float32'>());
  return sums.map((_, index) => tf.tensor1d(all.slice(index * first.size, (index + 1) * first.size)));
}

/** In two passes: the variance of a map with a large mean would drown in the difference of two large sums. */
function momentsOf(input: tf.Tensor4D, group: Group) {
  const count = pixelsOf(input, group);
  const overAll = (map: tf.Tensor4D) => tf.div(acrossGroup([channelSums(map)], group)[0], count);
  const mean = overAll(input);
  const centred = tf.sub(input, mean) as tf.Tensor4D;
  const variance = overAll(tf.square(centred));
  return { mean, centred, variance };
}

/** The batch's mean and variance depend on every pixel: their share of the gradient is taken off (Ioffe and Szegedy, 2015). */
function throughMoments(
  gradient: tf.Tensor4D,
  normal: tf.Tensor,
  ownSums: readonly [beta: tf.Tensor1D, gamma: tf.Tensor1D],
  group: Group,
): tf.Tensor {
  const count = pixelsOf(gradient, group);
  const [betaGradient, gammaGradient] = acrossGroup(ownSums, group);
  const common = tf.div(betaGradient, count);
  return tf.sub(gradient, tf.add(common, tf.mul(normal, tf.div(gammaGradient, count))));
}

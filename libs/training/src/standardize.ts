import { Random } from '@graft/foundation';
import type { DenseNode } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import type { Layer } from './layer';
import type { Learner } from './learner';
import { nextTurn } from './next-turn';
import type { TrainingExample } from './training-example';

/** Mean and 1 / deviation of each pooled feature over training pictures. */
export interface FeatureStatistics {
  readonly mean: Float32Array;
  readonly inverse: Float32Array;
}

/** Part of the mean variance that is added to each: features that are nearly constant are not blown up. */
const FLOOR = 0.01;

/** More pictures would not change the figures by much. */
const PICTURES = 1024;
const PICTURES_AT_A_TIME = 32;

/** Figures of what a learner's body answers, over at most 1024 pictures drawn by seed. */
export async function pooledStatistics(
  learner: Pick<Learner, 'body'>,
  training: readonly TrainingExample[],
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal },
): Promise<FeatureStatistics> {
  const drawn = Random.of(seed, 'statistics').shuffled(training).slice(0, PICTURES);
  const parts: Float32Array[] = [];
  for (let start = 0; start < drawn.length; start += PICTURES_AT_A_TIME) {
    await nextTurn(signal);
    parts.push(await learner.body(drawn.slice(start, start + PICTURES_AT_A_TIME)));
  }
  const rows = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (rows.set(part, at), at + part.length), 0);
  return featureStatistics(rows, rows.length / drawn.length);
}

/** @param rows [picture][feature] */
export function featureStatistics(rows: Float32Array, features: number): FeatureStatistics {
  const pictures = rows.length / features;
  const mean = new Float64Array(features);
  const variance = new Float64Array(features);
  rows.forEach((value, at) => (mean[at % features] += value / pictures));
  rows.forEach((value, at) => (variance[at % features] += (value - mean[at % features]) ** 2 / pictures));
  const floor = (FLOOR * variance.reduce((sum, value) => sum + value, 0)) / features + Number.EPSILON;
  return {
    mean: Float32Array.from(mean),
    inverse: Float32Array.from(variance, (value) => 1 / Math.sqrt(value + floor)),
  };
}

/**
 * Pooled features of MobileNet are small and uneven; without this step a head needs ten times the epochs. It is fixed, so after training it
 * is merged exactly into the dense layer behind it, and neither the graph nor the board knows of it.
 */
export function standardizeLayer({ mean, inverse }: FeatureStatistics): Layer {
  return {
    name: 'standardize',
    parameters: [],
    statistics: [],
    forward: (input) => ({ output: tf.mul(tf.sub(input, tf.tensor1d(mean)), tf.tensor1d(inverse)), saved: [] }),
    backward: (gradient) => ({ input: tf.mul(gradient, tf.tensor1d(inverse)), parameters: [] }),
    node: () => null,
  };
}

/** W ((x − mean) · inverse) + b as W′ x + b′. */
export function mergeStandardize(node: DenseNode, { mean, inverse }: FeatureStatistics): DenseNode {
  const { inputs, units } = node;
  const weights = new Float32Array(node.weights.length);
  const bias = new Float32Array(units);
  for (let unit = 0; unit < units; unit++) {
    let shift = node.bias[unit];
    for (let input = 0; input < inputs; input++) {
      const weight = node.weights[unit * inputs + input] * inverse[input];
      weights[unit * inputs + input] = weight;
      shift -= weight * mean[input];
    }
    bias[unit] = shift;
  }
  return { ...node, weights, bias };
}

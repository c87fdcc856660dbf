import type * as tf from '@tensorflow/tfjs-core';

import { Chain, type GradientSums } from './chain';
import { inputTensor, type Inputs } from './inputs';
import { crossEntropy } from './loss';
import { standardizeLayer, type FeatureStatistics } from './standardize';
import type { TrainableLayers } from './trainable';
import type { TrainingExample } from './training-example';

/** Sums over pictures. */
export interface Score {
  readonly loss: number;
  /** Pictures whose largest score is the right one. */
  readonly correct: number;
}

/** Goes through layers with batches of examples. */
export interface Learner {
  /** Body and head, and what `standardize` has put between. Holds the truth of all numbers; whoever writes into them refreshes. */
  readonly chain: Chain;
  /** What the body answers; the inputs themselves where it has no layers. */
  body(examples: readonly TrainingExample[]): Promise<Float32Array>;
  /** From now on the head gets its features standardized by these figures. */
  standardize(statistics: FeatureStatistics): Promise<void>;
  /** Forth and back: adds the gradients of the batch's mean loss. */
  learn(batch: readonly TrainingExample[], gradients: GradientSums): Promise<Score>;
  /** Forth only, without chance, and without the classes' weights. */
  check(batch: readonly TrainingExample[]): Promise<Score>;
  dispose(): void;
}

export interface LossSettings {
  readonly classes: { readonly count: number; readonly weights: readonly number[] };
  readonly labelSmoothing: number;
}

/** Examples that lie on the back end, some of a batch. */
export interface Rows {
  readonly input: tf.Tensor;
  readonly labels: readonly number[];
  /** Of the whole batch, over which the loss is averaged. */
  readonly pictures: number;
}

/** One pass of a chain forth and back; disposes of the input. */
export function learnRows(
  chain: Chain,
  { input, labels, pictures }: Rows,
  { classes, labelSmoothing }: LossSettings,
  gradients: GradientSums,
): Score {
  const weights = labels.map((label) => classes.weights[label]);
  let score: Score = { loss: 0, correct: 0 };
  const outputGradient = (scores: Float32Array) => {
    const { gradient, ...sums } = crossEntropy(scores, labels, weights, { classes: classes.count, labelSmoothing });
    score = sums;
    return gradient.map((value) => value / pictures);
  };
  chain.learn(input, outputGradient, gradients);
  input.dispose();
  return score;
}

/** Of scores [picture][class], every picture counting as much. */
export function scoreOf(
  scores: Float32Array,
  labels: readonly number[],
  { classes, labelSmoothing }: LossSettings,
): Score {
  const { loss, correct } = crossEntropy(scores, labels, null, { classes: classes.count, labelSmoothing });
  return { loss, correct };
}

export interface LearnerOptions extends LossSettings {
  readonly layers: TrainableLayers;
  readonly inputs: Inputs;
  /** Pictures that go forth and back together. */
  readonly partSize: number;
}

/** In this thread, on the back end that runs here. */
export class OwnLearner implements Learner {
  chain: Chain;
  private readonly bodyChain: Chain;

  constructor(private readonly options: LearnerOptions) {
    const { body, head } = options.layers;
    this.bodyChain = new Chain(body);
    this.chain = new Chain([...body, ...head]);
  }

  body(examples: readonly TrainingExample[]): Promise<Float32Array> {
    return this.infer(this.bodyChain, examples);
  }

  async standardize(statistics: FeatureStatistics): Promise<void> {
    this.chain = standardized(this.options.layers, statistics);
  }

  async learn(batch: readonly TrainingExample[], gradients: GradientSums): Promise<Score> {
    const { inputs, partSize } = this.options;
    let [loss, correct] = [0, 0];
    for (let start = 0; start < batch.length; start += partSize) {
      const part = batch.slice(start, start + partSize);
      const rows = { input: await inputTensor(inputs, part), labels: labelsOf(part), pictures: batch.length };
      const score = learnRows(this.chain, rows, this.options, gradients);
      loss += score.loss;
      correct += score.correct;
    }
    return { loss, correct };
  }

  async check(batch: readonly TrainingExample[]): Promise<Score> {
    return scoreOf(await this.infer(this.chain, batch), labelsOf(batch), this.options);
  }

  dispose(): void {
    this.chain.dispose();
  }

  private async infer(chain: Chain, examples: readonly TrainingExample[]): Promise<Float32Array> {
    const input = await inputTensor(this.options.inputs, examples);
    const answers = chain.infer(input);
    input.dispose();
    return answers;
  }
}

/** The layers with the standardizing one between body and head. */
export function standardized({ body, head }: TrainableLayers, statistics: FeatureStatistics): Chain {
  return new Chain([...body, standardizeLayer(statistics), ...head]);
}

export const labelsOf = (examples: readonly TrainingExample[]): number[] => examples.map(({ label }) => label);

import { askThread } from '@graft/foundation';
import type { GraphNode, HeadShape } from '@graft/model';
import { sizeOf } from '@graft/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Worker } from 'node:worker_threads';

import { Chain, type GradientSums } from '../chain';
import { labelsOf, scoreOf, standardized, type Learner, type LearnerOptions, type Score } from '../learner';
import type { FeatureStatistics } from '../standardize';
import type { TrainingExample } from '../training-example';
import { breakGroup, groupMemory, type GroupMemory } from './group';
import type { Learned, LearnerMessage } from './learner-thread';
import { numbersOf, sharedNumbers, writeShared } from './shared-numbers';
import type { Threads } from './threads';

/**
 * Into so many shares a batch is cut, on every machine: their gradients are added up, and sums over a batch are sums of
 * theirs, so another number would give other bytes.
 */
export const SHARES = 4;

export interface GroupOptions extends LearnerOptions {
  /** What `layers` were made of. */
  readonly learning: readonly GraphNode[];
  readonly head: readonly HeadShape[];
  readonly freezeBatchNorm: boolean;
  readonly seed: number;
  readonly threads: Threads;
  readonly signal?: AbortSignal;
}

/** Shares each batch among threads that go through the layers side by side. The truth is here; they get it for each batch. */
export class GroupLearner implements Learner {
  chain: Chain;
  private readonly group: GroupMemory;
  private readonly numbers: Float32Array;
  private readonly gradients: readonly Float32Array[];
  private readonly started: readonly Worker[];
  /** Of the batch at hand: threads see it where it is. */
  private inputs = sharedNumbers(0);

  constructor(private readonly options: GroupOptions) {
    const { layers, learning, threads, inputs } = options;
    this.chain = new Chain([...layers.body, ...layers.head]);
    const channels = learning.map((node) => (node.kind === 'batchNorm' ? node.gamma.length : 0));
    this.group = groupMemory(SHARES, 2 * Math.max(...channels));
    this.numbers = sharedNumbers(lengthOf(numbersOf(this.chain)));
    const parameters = lengthOf(this.chain.parameters.map(({ values }) => values));
    this.gradients = Array.from({ length: SHARES }, () => sharedNumbers(parameters));
    const { head, freezeBatchNorm, seed, classes, labelSmoothing, partSize } = options;
    this.started = this.gradients.map((gradients, rank) =>
      threads.start({
        task: 'learner',
        ...{ rank, learning, head, freezeBatchNorm, seed, classes, labelSmoothing, partSize },
        ...{ shape: inputs.shape, vector: inputs.vector },
        ...{ group: this.group, numbers: this.numbers, gradients },
      }),
    );
  }

  body(examples: readonly TrainingExample[]): Promise<Float32Array> {
    return this.infer('body', examples);
  }

  async standardize(statistics: FeatureStatistics): Promise<void> {
    this.chain = standardized(this.options.layers, statistics);
    await this.together(this.started.map((_, rank) => this.ask<null>(rank, { kind: 'standardize', statistics })));
  }

  async learn(batch: readonly TrainingExample[], gradients: GradientSums): Promise<Score> {
    writeShared(this.chain, this.numbers);
    const shares = await this.sharesOf(batch);
    const chance = this.drawing().map(({ random }) => random.state());
    const work = shares.map(({ first, labels, values }, rank) => {
      const share = { values, labels, first, pictures: batch.length, present: shares.length, chance };
      return this.ask<Learned>(rank, { kind: 'learn', share });
    });
    const learned = await this.together(work);
    this.follow(learned[0]);
    this.gather(shares.length, gradients);
    const sum = (of: 'loss' | 'correct') => learned.reduce((total, share) => total + share[of], 0);
    return { loss: sum('loss'), correct: sum('correct') };
  }

  async check(batch: readonly TrainingExample[]): Promise<Score> {
    return scoreOf(await this.infer('check', batch), labelsOf(batch), this.options);
  }

  dispose(): void {
    breakGroup(this.group);
    this.started.forEach((thread) => void thread.terminate());
    this.chain.dispose();
  }

  private drawing() {
    return this.chain.layers.flatMap((layer) => layer.chance ?? []);
  }

  /** All members draw the same chance and see the same statistics. */
  private follow({ chance, statistics }: Learned): void {
    this.drawing().forEach(({ random }, index) => random.resume(chance[index]));
    this.chain.layers.flatMap((layer) => layer.statistics).forEach((own, index) => own.set(statistics[index]));
  }

  /** Adds up what the members left, in the order of their ranks. */
  private gather(shares: number, into: GradientSums): void {
    let at = 0;
    for (const parameter of this.chain.parameters) {
      const { length } = parameter.values;
      const sum = new Float32Array(length);
      for (const gradients of this.gradients.slice(0, shares))
        for (let index = 0; index < length; index++) sum[index] += gradients[at + index];
      into.add(parameter, tf.tensor(sum, [...parameter.shape]));
      at += length;
    }
  }

  /** Each example's answer depends on nothing but it, so any thread may give it. */
  private async infer(kind: 'check' | 'body', examples: readonly TrainingExample[]): Promise<Float32Array> {
    writeShared(this.chain, this.numbers);
    const shares = await this.sharesOf(examples);
    const work = shares.map(({ values }, rank) => this.ask<Float32Array>(rank, { kind, values }));
    const parts = await this.together(work);
    const answers = new Float32Array(lengthOf(parts));
    parts.reduce((at, part) => (answers.set(part, at), at + part.length), 0);
    return answers;
  }

  /** As even as can be; of a small batch each example is a share. */
  private async sharesOf(batch: readonly TrainingExample[]): Promise<ExampleShare[]> {
    const { inputs } = this.options;
    const read = await inputs.read(batch);
    if (read.length > this.inputs.length) this.inputs = sharedNumbers(read.length);
    this.inputs.set(read);
    const size = sizeOf(inputs.shape);
    const shares = Math.min(SHARES, batch.length);
    return Array.from({ length: shares }, (_, rank) => {
      const [first, end] = [rank, rank + 1].map((edge) => Math.floor((edge * batch.length) / shares));
      return {
        first,
        labels: labelsOf(batch.slice(first, end)),
        values: this.inputs.subarray(first * size, end * size),
      };
    });
  }

  private ask<Answer>(rank: number, message: LearnerMessage): Promise<Answer> {
    return askThread(this.started[rank], message) as Promise<Answer>;
  }

  /** Where one member fails, or the caller aborts, nobody waits for the others. */
  private together<T>(work: readonly Promise<T>[]): Promise<T[]> {
    const { signal } = this.options;
    return new Promise((resolve, reject) => {
      const fail = (reason: unknown): void => {
        breakGroup(this.group);
        reject(reason);
      };
      const abort = (): void => fail(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      void Promise.all(work)
        .then(resolve, fail)
        .finally(() => signal?.removeEventListener('abort', abort));
    });
  }
}

interface ExampleShare {
  /** The place of the first one in the batch. */
  readonly first: number;
  readonly labels: readonly number[];
  /** One example after the other. */
  readonly values: Float32Array;
}

const lengthOf = (arrays: readonly { readonly length: number }[]): number =>
  arrays.reduce((sum, { length }) => sum + length, 0);

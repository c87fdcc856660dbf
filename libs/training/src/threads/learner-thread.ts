import type { GraphNode, HeadShape } from '@graft/model';
import type { MapShape } from '@graft/tensor';

import { Chain, HostGradients } from '../chain';
import { exampleTensor } from '../inputs';
import { learnRows, standardized, type LossSettings, type Score } from '../learner';
import { useGroup } from '../running-ops';
import type { FeatureStatistics } from '../standardize';
import { trainableLayers } from '../trainable';
import { Member, type GroupMemory } from './group';
import { readShared } from './shared-numbers';

/** A member of a group of learners: the same layers in each, with some pictures of every batch. */
export interface LearnerThread extends LossSettings {
  readonly task: 'learner';
  readonly rank: number;
  /** As `trainableLayers` takes them. */
  readonly learning: readonly GraphNode[];
  readonly head: readonly HeadShape[];
  readonly freezeBatchNorm: boolean;
  readonly seed: number;
  /** Of an example, at the first layer. */
  readonly shape: MapShape;
  readonly vector: boolean;
  /** Pictures that go forth and back together. */
  readonly partSize: number;
  readonly group: GroupMemory;
  /** All numbers of the layers, as the main thread holds them. */
  readonly numbers: Float32Array;
  /** Where this member leaves its gradients by the parameters. */
  readonly gradients: Float32Array;
}

export type LearnerMessage =
  | { readonly kind: 'standardize'; readonly statistics: FeatureStatistics }
  | { readonly kind: 'learn'; readonly share: Share }
  | { readonly kind: 'check' | 'body'; readonly values: Float32Array };

/** What one member learns from in a batch. */
export interface Share {
  /** One example after the other; in shared memory. */
  readonly values: Float32Array;
  readonly labels: readonly number[];
  /** The place of the first one in the batch. */
  readonly first: number;
  /** Of the batch. */
  readonly pictures: number;
  /** Members that have a share. */
  readonly present: number;
  /** Where each layer's chance stands before the batch. */
  readonly chance: readonly Int32Array[];
}

export interface Learned extends Score {
  /** Where chance stands after the batch. */
  readonly chance: readonly Int32Array[];
  /** The averages of batch norms after the batch. */
  readonly statistics: readonly Float32Array[];
}

/** @returns what a learner's thread does with a message: `Learned` for a share, else the answers one after the other */
export function learnerProgram(data: LearnerThread): (message: LearnerMessage) => unknown {
  const member = new Member(data.group, data.rank);
  useGroup(member);
  const layers = trainableLayers(data.learning, data);
  const body = new Chain(layers.body);
  let chain = new Chain([...layers.body, ...layers.head]);
  const infer = (chosen: Chain, values: Float32Array): Float32Array => {
    const input = exampleTensor(data, values);
    const answers = chosen.infer(input).slice();
    input.dispose();
    return answers;
  };
  return (message) => {
    if (message.kind === 'standardize') {
      chain = standardized(layers, message.statistics);
      return null;
    }
    readShared(chain, data.numbers);
    if (message.kind === 'learn') return learnShare(chain, message.share, { data, member });
    return infer(message.kind === 'body' ? body : chain, message.values);
  };
}

function learnShare(
  chain: Chain,
  { values, labels, first, pictures, present, chance }: Share,
  { data, member }: { readonly data: LearnerThread; readonly member: Member },
): Learned {
  member.begin(present, pictures);
  const drawing = chain.layers.flatMap((layer) => layer.chance ?? []);
  drawing.forEach(({ random, numbers }, index) => {
    random.resume(chance[index]);
    // Each member draws what the one before it leaves, as if one went through the whole batch.
    random.skip(first * numbers);
  });
  const gradients = new HostGradients();
  const size = values.length / labels.length;
  let [loss, correct] = [0, 0];
  for (let start = 0; start < labels.length; start += data.partSize) {
    const part = labels.slice(start, start + data.partSize);
    const input = exampleTensor(data, values.subarray(start * size, (start + part.length) * size));
    const score = learnRows(chain, { input, labels: part, pictures }, data, gradients);
    loss += score.loss;
    correct += score.correct;
  }
  drawing.forEach(({ random, numbers }) => random.skip((pictures - first - labels.length) * numbers));
  leave(chain, gradients, data.gradients);
  return {
    ...{ loss, correct },
    chance: drawing.map(({ random }) => random.state()),
    statistics: chain.layers.flatMap((layer) => layer.statistics),
  };
}

function leave(chain: Chain, gradients: HostGradients, into: Float32Array): void {
  let at = 0;
  for (const parameter of chain.parameters) {
    const gradient = gradients.get(parameter);
    if (gradient === undefined) throw new Error(`internal: no gradient of ${parameter.name}`);
    into.set(gradient, at);
    at += gradient.length;
  }
}

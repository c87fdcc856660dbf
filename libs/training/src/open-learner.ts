import { graphShapes, type GraphNode } from '@graft/model';
import { sizeOf, type MapShape } from '@graft/tensor';
import * as tf from '@tensorflow/tfjs-core';

import { OwnLearner, type Learner } from './learner';
import { GroupLearner, type GroupOptions } from './threads/group-learner';
import type { Threads } from './threads/threads';

/**
 * Multiply-adds of convolutions on a batch's way forth, from which threads are worth their start: some tenths of a second a step on
 * wasm where maps are thin, less where they are thick. Counted, not timed, since learning in a group gives other bytes.
 */
const WORTH_A_GROUP = 1e8;

export interface OpenLearnerOptions extends Omit<GroupOptions, 'threads'> {
  readonly batchSize: number;
  readonly threads?: Threads;
}

/** A group of threads where convolutions learn on wasm and threads are lent; else this thread. */
export function openLearner({ threads, batchSize, ...options }: OpenLearnerOptions): Learner {
  const work = batchSize * convolutionWork(options.learning, options.inputs.shape);
  if (threads === undefined || tf.getBackend() !== 'wasm' || work < WORTH_A_GROUP) return new OwnLearner(options);
  return new GroupLearner({ ...options, threads });
}

/** Multiply-adds for one picture. */
function convolutionWork(nodes: readonly GraphNode[], input: MapShape): number {
  const graph = { name: 'learning', input: { ...input, encoding: { scale: 1, offset: 0 } }, nodes };
  const shapes = graphShapes(graph);
  return nodes.reduce((sum, node, index) => sum + sizeOf(shapes[index]) * multiplyAdds(node), 0);
}

/** For one number of the node's answer. */
function multiplyAdds(node: GraphNode): number {
  if (node.kind === 'convolution') return node.kernel ** 2 * node.inputChannels;
  return node.kind === 'depthwise' ? 9 : 0;
}

import type { Graph } from '@graft/model';

import { chainOf } from './chain';
import { activate, decodePicture, preActivation } from './float-convolution';
import { evaluateQuantized } from './evaluate-quantized';
import { runTail } from './run-tail';
import type { QuantizedGraph, TailNode } from './quantized-graph';
import { quantizeLayers } from './quantize-layers';
import type { Quantized, Recipe } from './quantize-layers';
import { RangeObserver } from './range-observer';
import type { RangeRecord } from './range-observer';

/** A piece of work on some pictures (planar bytes), plain data that can go to another thread. */
export type QuantizationTask =
  | {
      readonly kind: 'observe';
      readonly graph: Graph;
      readonly first: number;
      readonly pictures: readonly Uint8Array[];
    }
  | { readonly kind: 'answer'; readonly graph: QuantizedGraph; readonly pictures: readonly Uint8Array[] }
  | {
      readonly kind: 'try';
      readonly graph: Graph;
      /** One per convolution. */
      readonly ranges: readonly RangeRecord[];
      /** Pictures on which biases are corrected and roundings searched. */
      readonly correction: readonly Uint8Array[];
      readonly recipe: Recipe;
      /** Pictures that the result answers. */
      readonly pictures: readonly Uint8Array[];
    };

/** What a task found out, plain data as well. */
export interface TaskResult {
  /** One per convolution, of the pictures of `observe`; else empty. */
  readonly ranges: readonly RangeRecord[];
  /** One per picture: what the network says before softmax. */
  readonly logits: readonly Float32Array[];
  /** One per picture of `observe`: the means of the last feature map; empty where the network does not take them. */
  readonly pooled?: readonly Float32Array[];
  /** What `try` made. */
  readonly quantized?: Quantized;
}

/** Runs tasks, `count` at a time at best. What comes out does not depend on the order or the number. */
export interface TaskRunner {
  readonly count: number;
  run(task: QuantizationTask): Promise<TaskResult>;
}

/** On the thread of the caller. */
export const IN_PLACE: TaskRunner = { count: 1, run: (task) => Promise.resolve(runTask(task)) };

/** @throws GraftError E320, E322, E323 */
export function runTask(task: QuantizationTask): TaskResult {
  switch (task.kind) {
    case 'observe':
      return observe(task);
    case 'answer':
      return { ranges: [], logits: answers(task.graph, task.pictures) };
    case 'try':
      return tryRecipe(task);
  }
}

function tryRecipe({
  graph,
  ranges,
  correction,
  recipe,
  pictures,
}: Extract<QuantizationTask, { kind: 'try' }>): TaskResult {
  const chain = chainOf(graph);
  const observers = chain.convolutions.map(({ name, output }, index) => {
    const observer = new RangeObserver(name, output.channels);
    observer.merge(ranges[index]);
    return observer;
  });
  const steps = quantizeLayers(
    { name: graph.name, input: graph.input, chain, observers, pictures: correction },
    recipe,
  );
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return { ranges: [], logits: answers(step.value.graph, pictures), quantized: step.value };
}

function observe({ graph, first, pictures }: Extract<QuantizationTask, { kind: 'observe' }>): TaskResult {
  const { convolutions, tail } = chainOf(graph);
  const observers = convolutions.map(({ name, output }) => new RangeObserver(name, output.channels));
  const channels = convolutions[convolutions.length - 1].output.channels;
  const maps = pictures.map((picture, index) => {
    let values = decodePicture(picture, graph.input.encoding);
    convolutions.forEach((layer, at) => {
      values = activate(layer, preActivation(layer, values));
      observers[at].add(values, first + index);
    });
    return values;
  });
  // A tail begins with the means.
  const [pool, ...rest] = tail;
  const pooled = pool === undefined ? [] : maps.map((map) => runTail([pool], map, channels));
  const logits = pool === undefined ? maps : pooled.map((means) => runTail(beforeSoftmax(rest), means, channels));
  return { ranges: observers.map((observer) => observer.record()), logits, pooled };
}

function answers(graph: QuantizedGraph, pictures: readonly Uint8Array[]): Float32Array[] {
  const open = { ...graph, tail: beforeSoftmax(graph.tail) };
  return pictures.map((picture) => evaluateQuantized(open, picture));
}

function beforeSoftmax<Node extends TailNode>(tail: readonly Node[]): readonly Node[] {
  return tail.filter(({ kind }) => kind !== 'softmax');
}

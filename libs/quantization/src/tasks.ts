import type { Graph } from '@graft/model';

import { pictureGradients } from './aware-training/picture-gradients';
import type { PictureGradients } from './aware-training/picture-gradients';
import { chainOf } from './chain';
import { activate, decodePicture, preActivation } from './float-convolution';
import { evaluateQuantized } from './evaluate-quantized';
import { runTail } from './run-tail';
import { outputBytes } from './quantized-convolution';
import type { QuantizedConvolution, QuantizedGraph, TailNode } from './quantized-graph';
import type { PictureSamples } from './quantize-layers';
import { RangeObserver } from './range-observer';
import type { RangeRecord } from './range-observer';
import { evenPixels, pixelsPerPicture, sampled } from './sample-windows';

/** A piece of work on some pictures (planar bytes), plain data that can go to another thread. */
export type QuantizationTask =
  | {
      readonly kind: 'observe';
      readonly graph: Graph;
      readonly first: number;
      readonly pictures: readonly Uint8Array[];
      /** Values are wanted of the pictures at these places, which are some of so many in all. */
      readonly sampling?: { readonly places: readonly number[]; readonly of: number };
    }
  | { readonly kind: 'answer'; readonly graph: QuantizedGraph; readonly pictures: readonly Uint8Array[] }
  | { readonly kind: 'map'; readonly graph: QuantizedGraph; readonly pictures: readonly Uint8Array[] }
  | {
      readonly kind: 'learn';
      readonly graph: QuantizedGraph;
      /** Convolutions at the front that do not learn. */
      readonly frozen: number;
      readonly pictures: readonly Uint8Array[];
      /** What the network shall say before softmax, one per picture. */
      readonly targets: readonly Float32Array[];
    }
  /** Planar bytes through one layer. */
  | { readonly kind: 'run'; readonly layer: QuantizedConvolution; readonly maps: readonly Uint8Array[] };

/** What a task found out, plain data as well; empty where the kind of task gives none. */
export interface TaskResult {
  /** `observe`: one per convolution. */
  readonly ranges: readonly RangeRecord[];
  /** `observe`, `answer`: one per picture, what the network says before softmax. */
  readonly logits: readonly Float32Array[];
  /** `observe`: one per picture, the means of the last feature map; empty where the network does not take them. */
  readonly pooled: readonly Float32Array[];
  /** `observe`: one per place of `sampling`. */
  readonly samples: readonly PictureSamples[];
  /** `run`, `map`: one per map or picture; of `map` what the last convolution gives. */
  readonly maps: readonly Uint8Array[];
  /** `learn`. */
  readonly gradients?: PictureGradients;
}

const NOTHING: TaskResult = { ranges: [], logits: [], pooled: [], samples: [], maps: [] };

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
      return { ...NOTHING, logits: answers(task.graph, task.pictures) };
    case 'run':
      return {
        ...NOTHING,
        maps: task.maps.map((map) => outputBytes(task.layer, map)),
      };
    case 'map':
      return { ...NOTHING, maps: task.pictures.map((picture) => lastMap(task.graph, picture)) };
    case 'learn': {
      const { graph, frozen, pictures, targets } = task;
      return { ...NOTHING, gradients: pictureGradients(graph, frozen, pictures, targets) };
    }
  }
}

function observe({ graph, first, pictures, sampling }: Extract<QuantizationTask, { kind: 'observe' }>): TaskResult {
  const { convolutions, tail } = chainOf(graph);
  const observers = convolutions.map(({ name, output }) => new RangeObserver(name, output.channels));
  const samples: PictureSamples[] = [];
  const channels = convolutions[convolutions.length - 1].output.channels;
  const maps = pictures.map((picture, index) => {
    const own: Float32Array[] = [];
    let values = decodePicture(picture, graph.input.encoding);
    convolutions.forEach((layer, at) => {
      const before = preActivation(layer, values);
      if (sampling?.places.includes(index))
        own.push(
          sampled(before, layer.output.channels, evenPixels(layer.output, pixelsPerPicture(layer, sampling.of))),
        );
      values = activate(layer, before);
      observers[at].add(values, first + index);
    });
    if (own.length > 0) samples.push(own);
    return values;
  });
  // A tail begins with the means.
  const [pool, ...rest] = tail;
  const pooled = pool === undefined ? [] : maps.map((map) => runTail([pool], map, channels));
  const logits = pool === undefined ? maps : pooled.map((means) => runTail(beforeSoftmax(rest), means, channels));
  return { ...NOTHING, ranges: observers.map((observer) => observer.record()), logits, pooled, samples };
}

function answers(graph: QuantizedGraph, pictures: readonly Uint8Array[]): Float32Array[] {
  const open = { ...graph, tail: beforeSoftmax(graph.tail) };
  return pictures.map((picture) => evaluateQuantized(open, picture));
}

function lastMap({ convolutions }: QuantizedGraph, picture: Uint8Array): Uint8Array {
  return convolutions.reduce((bytes, layer) => outputBytes(layer, bytes), picture);
}

function beforeSoftmax<Node extends TailNode>(tail: readonly Node[]): readonly Node[] {
  return tail.filter(({ kind }) => kind !== 'softmax');
}

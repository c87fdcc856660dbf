import type { Report } from '@graft/foundation';
import type { Graph } from '@graft/model';

import type { FloatConvolution } from './chain';
import type { PictureSamples } from './quantize-layers';
import { RangeObserver } from './range-observer';
import { runTasks } from './run-tasks';
import type { TaskRunner } from './tasks';

/** Pictures of one task: enough to be worth a message to another thread, few enough for progress. */
const PICTURES_PER_TASK = 2;

export interface Work {
  readonly tasks: TaskRunner;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface Measured {
  /** One per convolution, of its output after activation. */
  readonly observers: readonly RangeObserver[];
  /** One per picture: what the float network says before softmax. */
  readonly logits: readonly Float32Array[];
  /** Of the pictures at the places asked for, in that order. */
  readonly samples: readonly PictureSamples[];
  /** One per picture: what it gives in front of the dense layers; empty for a network without a tail. */
  readonly pooled: readonly Float32Array[];
}

/**
 * Runs the float network on every picture and watches each layer's output after activation; keeps samples of the
 * pictures at `places`, which ascend.
 */
export async function measureRanges(
  graph: Graph,
  layers: readonly FloatConvolution[],
  pictures: readonly Uint8Array[],
  places: readonly number[],
  { tasks, report, signal }: Work,
): Promise<Measured> {
  const observers = layers.map(({ name, output }) => new RangeObserver(name, output.channels));
  const logits: Float32Array[] = new Array<Float32Array>(pictures.length);
  const samples: PictureSamples[] = new Array<PictureSamples>(places.length);
  const pooled: Float32Array[] = [];
  let done = 0;
  const pieces = inPieces(pictures).map((piece, index) => {
    const first = index * PICTURES_PER_TASK;
    const own = places.map((place) => place - first).filter((place) => place >= 0 && place < piece.length);
    return { kind: 'observe', graph, first, pictures: piece, sampling: { places: own, of: places.length } } as const;
  });
  await runTasks(pieces, tasks, signal, (result, index) => {
    observers.forEach((observer, at) => observer.merge(result.ranges[at]));
    const { first, sampling } = pieces[index];
    result.logits.forEach((values, at) => (logits[first + at] = values));
    result.pooled.forEach((values, at) => (pooled[first + at] = values));
    result.samples.forEach((values, at) => (samples[places.indexOf(first + sampling.places[at])] = values));
    done += result.logits.length;
    report({ type: 'progress', task: 'measuring ranges', done, total: pictures.length, unit: 'picture' });
  });
  return { observers, logits, samples, pooled };
}

/** Pictures, or what belongs to them, in the pieces in which tasks take them. */
export function inPieces<T>(pictures: readonly T[]): (readonly T[])[] {
  return Array.from({ length: Math.ceil(pictures.length / PICTURES_PER_TASK) }, (_, piece) =>
    pictures.slice(piece * PICTURES_PER_TASK, (piece + 1) * PICTURES_PER_TASK),
  );
}

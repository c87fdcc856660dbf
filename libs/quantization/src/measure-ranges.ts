import type { Report } from '@graft/foundation';
import type { Graph } from '@graft/model';

import type { FloatConvolution } from './chain';
import { RangeObserver } from './range-observer';
import { runTasks } from './run-tasks';
import type { QuantizationTask, TaskRunner } from './tasks';

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
  /** One per picture: what it gives in front of the dense layers; empty for a network without a tail. */
  readonly pooled: readonly Float32Array[];
}

/** Runs the float network on every picture and watches each layer's output after activation. */
export async function measureRanges(
  graph: Graph,
  layers: readonly FloatConvolution[],
  pictures: readonly Uint8Array[],
  { tasks, report, signal }: Work,
): Promise<Measured> {
  const observers = layers.map(({ name, output }) => new RangeObserver(name, output.channels));
  const logits: Float32Array[] = new Array<Float32Array>(pictures.length);
  const pooled: Float32Array[] = [];
  let done = 0;
  const pieces = inPieces(pictures).map((piece, index): QuantizationTask & { kind: 'observe' } => ({
    kind: 'observe',
    graph,
    first: index * PICTURES_PER_TASK,
    pictures: piece,
  }));
  await runTasks(pieces, tasks, signal, (result, index) => {
    observers.forEach((observer, at) => observer.merge(result.ranges[at]));
    result.logits.forEach((values, at) => (logits[pieces[index].first + at] = values));
    result.pooled?.forEach((values, at) => (pooled[pieces[index].first + at] = values));
    done += result.logits.length;
    report({ type: 'progress', task: 'measuring ranges', done, total: pictures.length, unit: 'picture' });
  });
  return { observers, logits, pooled };
}

/** Pictures in the pieces in which tasks take them. */
export function inPieces(pictures: readonly Uint8Array[]): (readonly Uint8Array[])[] {
  return Array.from({ length: Math.ceil(pictures.length / PICTURES_PER_TASK) }, (_, piece) =>
    pictures.slice(piece * PICTURES_PER_TASK, (piece + 1) * PICTURES_PER_TASK),
  );
}

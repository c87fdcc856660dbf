import { join } from 'node:path';

import type { HeadLayer } from '@graft/spec';
import type { BackendName } from '@graft/training';

import { SCRIPTS } from '../../second-opinions/src/python-environment';
import { summaryOf } from './measure';
import type { TrainingJob } from './training-job';
import { Worker, type Effort } from './training-peer';

/** A job, and how fast Graft means to be: Keras's time as a share of ours. */
export interface KerasRow {
  readonly what: string;
  readonly job: TrainingJob;
  readonly goals: Partial<Record<BackendName, number>>;
}

const dense = (units: number): HeadLayer => ({ type: 'dense', units, activation: 'relu' });
const WORKSHOP_HEAD: readonly HeadLayer[] = [dense(1024), { type: 'dropout', rate: 0.5 }, dense(1024), dense(512)];
/** Layers before and with conv_dw_3_relu do not learn. */
const BASE = { side: 224, frozen: 20, head: WORKSHOP_HEAD, again: false } as const;
const HEAD = { ...BASE, kind: 'head', alpha: 1, pictures: 200, repeats: 10, frozen: 86 } as const;

export const KERAS_ROWS: readonly KerasRow[] = [
  {
    what: 'fine-tune, alpha 1',
    job: { ...BASE, kind: 'fine-tune', alpha: 1, pictures: 32, repeats: 1 },
    goals: { wasm: 0.25, 'tfjs-node': 1 },
  },
  {
    what: 'fine-tune, alpha 0.25',
    job: { ...BASE, kind: 'fine-tune', alpha: 0.25, pictures: 32, repeats: 4 },
    goals: { 'tfjs-node': 0.9 },
  },
  { what: 'head, 10 epochs', job: HEAD, goals: { 'tfjs-node': 2 } },
  { what: 'head, Keras compiled before', job: { ...HEAD, again: true }, goals: {} },
  { what: 'inference, alpha 1', job: { ...BASE, kind: 'inference', alpha: 1, pictures: 32, repeats: 1 }, goals: {} },
  {
    what: 'inference, alpha 0.25',
    job: { ...BASE, kind: 'inference', alpha: 0.25, pictures: 32, repeats: 4 },
    goals: {},
  },
];

/** The most that training may hold. */
export const MEMORY_GOAL_BYTES = 2.5e9;

/** One of our back ends beside Keras, run in turns. */
export interface KerasComparison extends Pick<KerasRow, 'what'> {
  readonly backend: BackendName;
  /** Pictures of one run, over all steps or epochs. */
  readonly pictures: number;
  readonly goal: number | null;
  readonly ours: readonly Effort[];
  readonly keras: readonly Effort[];
}

/** Runs Keras and each of our back ends one after the other, so many times; each in a process of its own. */
export async function benchKeras(
  python: string,
  { what, job, goals }: KerasRow,
  backends: readonly BackendName[],
  pairs: number,
): Promise<KerasComparison[]> {
  const text = JSON.stringify(job);
  const keras = new Worker('Keras', python, [join(SCRIPTS, 'keras-bench.py'), text]);
  const ours = backends.map((name) => new Worker(name, process.execPath, [...WORKER, name, text]));
  const workers = [keras, ...ours];
  try {
    for (const worker of workers) await worker.ready();
    const efforts = workers.map((): Effort[] => []);
    for (let pair = 0; pair < pairs; pair++)
      for (const [index, worker] of workers.entries()) efforts[index].push(await worker.run());
    return backends.map((backend, index) => ({
      ...{ what, backend, pictures: job.pictures * job.repeats, goal: goals[backend] ?? null },
      ...{ ours: efforts[index + 1], keras: efforts[0] },
    }));
  } finally {
    workers.forEach((worker) => worker.stop());
  }
}

const WORKER = ['-r', join(__dirname, '../../nx/load-typescript.cjs'), join(__dirname, 'training-worker.ts')];

const HEADINGS = ['what', 'back end', 'ours', 'Keras', 'ratio', 'spread', 'CPU time', 'goal', 'memory', 'Keras'];

/** A table for people: pictures a second, medians of the ratios pair by pair (above 1: ours is faster), peak memory. */
export function renderKerasTable(comparisons: readonly KerasComparison[]): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...comparisons.map(cellsOf)];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cellsOf({ what, backend, pictures, goal, ours, keras }: KerasComparison): string[] {
  const ratios = (of: 'wallSeconds' | 'processorSeconds') =>
    summaryOf(ours.map((effort, pair) => keras[pair][of] / effort[of]));
  const wall = ratios('wallSeconds');
  const speed = (efforts: readonly Effort[]): string => {
    const rate = pictures / summaryOf(efforts.map((effort) => effort.wallSeconds)).median;
    return rate >= 1000 ? rate.toFixed(0) : rate.toPrecision(3);
  };
  const peak = (efforts: readonly Effort[]) => Math.max(...efforts.map((effort) => effort.peakBytes));
  const memory = `${gigabytes(peak(ours))}${peak(ours) > MEMORY_GOAL_BYTES ? ' (missed)' : ''}`;
  return [
    ...[what, backend, `${speed(ours)}/s`, `${speed(keras)}/s`],
    ...[`${shown(wall.median)}`, `${shown(wall.fastest)} … ${shown(wall.slowest)}`],
    ...[shown(ratios('processorSeconds').median), goalCell(goal, wall.median), memory, gigabytes(peak(keras))],
  ];
}

function goalCell(goal: number | null, ratio: number): string {
  return goal === null ? '–' : `${goal.toFixed(2)} ${ratio >= goal ? 'met' : 'missed'}`;
}

const shown = (ratio: number) => ratio.toFixed(2);
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;

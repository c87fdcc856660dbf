import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { KERAS_ROWS, renderKerasTable, type KerasComparison } from './bench-keras';
import { prepareJob, type TrainingJob } from './training-job';
import { Worker, type Effort } from './training-peer';

const effort = (wallSeconds: number, processorSeconds: number, peakBytes = 1e9): Effort => ({
  ...{ wallSeconds, processorSeconds, peakBytes },
});

const COMPARISON: KerasComparison = {
  ...{ what: 'fine-tune', backend: 'wasm', pictures: 32, goal: 0.25 },
  ours: [effort(8, 8), effort(10, 10, 2e9), effort(16, 8)],
  keras: [effort(4, 8), effort(2, 4), effort(2, 4)],
};

function cellsOf(comparison: KerasComparison): string[] {
  const row = renderKerasTable([comparison]).split('\n')[2];
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test('the ratio is the median of those pair by pair, and is held against the goal', () => {
  // Pairs: 4/8, 2/10, 2/16 by the clock; 8/8, 4/10, 4/8 by CPU time. Medians of the times: 10 and 2 seconds.
  const [, , ours, keras, ratio, spread, processor, goal] = cellsOf(COMPARISON);
  expect([ours, keras]).toEqual(['3.20/s', '16.0/s']);
  expect([ratio, spread, processor, goal]).toEqual(['0.20', '0.13 … 0.50', '0.50', '0.25 missed']);
  expect(cellsOf({ ...COMPARISON, goal: 0.2 })[7]).toBe('0.20 met');
  expect(cellsOf({ ...COMPARISON, goal: null })[7]).toBe('–');
});

test('the most memory of all runs is shown, and held against its goal', () => {
  expect(cellsOf(COMPARISON).slice(8)).toEqual(['2.00 GB', '1.00 GB']);
  expect(cellsOf({ ...COMPARISON, ours: COMPARISON.keras.map(() => effort(1, 1, 3e9)) })[8]).toBe('3.00 GB (missed)');
});

const TINY = { alpha: 0.25, side: 32, pictures: 2, repeats: 2, again: false } as const;
const HEAD = [{ type: 'dense', units: 4, activation: 'relu' }] as const;

test.each<TrainingJob>([
  { ...TINY, kind: 'fine-tune', frozen: 20, head: HEAD },
  { ...TINY, kind: 'head', frozen: 86, head: HEAD },
  { ...TINY, kind: 'inference', frozen: 20, head: [] },
])(
  'a job is worked off twice: $kind',
  async (job) => {
    const { run, dispose } = await prepareJob(job, 'wasm');
    await run();
    await run();
    dispose();
  },
  60_000,
);

test('every row is a job that the peer knows, on pictures that this network takes', () => {
  for (const { job } of KERAS_ROWS) expect([job.side % 32, job.pictures % 2]).toEqual([0, 0]);
  expect(new Set(KERAS_ROWS.map(({ what }) => what)).size).toBe(KERAS_ROWS.length);
});

describe('a worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'graft-worker-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (program: string): Worker => {
    const file = join(folder, 'worker.js');
    writeFileSync(file, program);
    return new Worker('the worker', process.execPath, [file]);
  };

  test('answers once for each run, after it is ready', async () => {
    const answer = JSON.stringify(effort(1, 2));
    const worker = start(
      `console.log('{"ready":true}'); process.stdin.on('data', () => console.log(${JSON.stringify(answer)}));`,
    );
    await worker.ready();
    expect([await worker.run(), await worker.run()]).toEqual([effort(1, 2), effort(1, 2)]);
    worker.stop();
  });

  test('that ends is an error with its last words', async () => {
    const worker = start(`console.error('first'); console.error('out of memory'); process.exitCode = 1;`);
    await expect(worker.ready()).rejects.toThrow('the worker has ended: out of memory');
  });
});

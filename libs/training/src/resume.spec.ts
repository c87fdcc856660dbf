import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256, type Report, type StageEvent } from '@graft/foundation';
import { writeGraph } from '@graft/model';

import { diskCheckpointStore, memoryCheckpointStore, type CheckpointStore } from './checkpoint';
import { trainModel, type TrainedModel, type TrainingOptions } from './train-model';
import { redrawnExamples, sampleOptions } from './train-model.sample';

const digestOf = ({ graph }: TrainedModel) => {
  const { json, bin } = writeGraph(graph);
  return sha256(sha256(json) + sha256(bin));
};

/** Everything that a run remembers: chance in a layer, an optimizer with memories, a schedule that listens, two phases. Its pool has two kinds of values. */
function options(): TrainingOptions {
  const { model, train, ...rest } = sampleOptions();
  return {
    ...rest,
    model: {
      ...model,
      pooling: 'avg_max',
      head: [
        { type: 'dropout', rate: 0.3 },
        { type: 'dense', units: 5, activation: 'relu' },
      ],
    },
    train: {
      ...train,
      epochs: 5,
      schedule: { name: 'plateau', patience: 1, factor: 0.5 },
      warmupEpochs: 1,
      fineTune: { unfreezeFrom: 'conv_dw_2', epochs: 3, learningRate: 0.001 },
    },
  };
}

/** Aborts after the n-th epoch of a phase. */
function stopAfter(phase: string, epoch: number): { signal: AbortSignal; report: Report } {
  const abort = new AbortController();
  const report: Report = (event) => {
    if (event.type === 'progress' && event.task === phase && event.done === epoch) abort.abort(new Error('cut off'));
  };
  return { signal: abort.signal, report };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-resume-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const resumable = (store: CheckpointStore) => ({ checkpoints: { store, leastMs: 0 } });

test.each([
  ['training', 1],
  ['training', 3],
  ['fine-tuning', 1],
  ['fine-tuning', 2],
])('a run that is cut off in %s after epoch %i goes on to the same bytes', async (phase, epoch) => {
  const whole = await trainModel(options());
  const store = memoryCheckpointStore();
  const cut = trainModel({ ...options(), ...resumable(store), ...stopAfter(phase, epoch) });
  await expect(cut).rejects.toThrow('cut off');
  const notes: string[] = [];
  const report = (event: StageEvent) => void (event.type === 'note' && notes.push(event.message));
  const resumed = await trainModel({ ...options(), ...resumable(store), report });
  const counted = phase === 'training' ? epoch : 5 + epoch;
  expect(notes).toContain(`${phase} goes on after epoch ${counted}, where it was cut off`);
  expect(resumed.history).toEqual(whole.history);
  expect(digestOf(resumed)).toBe(digestOf(whole));
});

test('a run whose examples are drawn anew in every epoch goes on to the same bytes', async () => {
  const redrawn = () => ({ ...options(), training: redrawnExamples(options().training) });
  const whole = await trainModel(redrawn());
  const store = memoryCheckpointStore();
  await expect(trainModel({ ...redrawn(), ...resumable(store), ...stopAfter('training', 2) })).rejects.toThrow(
    'cut off',
  );
  const drawn = new Set<number>();
  const rest = redrawnExamples(options().training, (_, epoch) => drawn.add(epoch));
  const resumed = await trainModel({ ...options(), training: rest, ...resumable(store) });
  expect(Math.min(...drawn)).toBe(3);
  expect(digestOf(resumed)).toBe(digestOf(whole));
});

test('a run that is killed goes on to the same bytes in another process', async () => {
  const directory = join(folder, 'killed');
  const script = `
    const { diskCheckpointStore, trainModel } = require('@graft/training');
    const { sampleOptions } = require('./libs/training/src/train-model.sample.ts');
    const report = (event) => {
      if (event.type === 'progress' && event.task === 'training' && event.done === 4) process.kill(process.pid, 'SIGKILL');
    };
    const checkpoints = { store: diskCheckpointStore(${JSON.stringify(directory)}), leastMs: 0 };
    trainModel({ ...sampleOptions(), checkpoints, report });`;
  const root = join(__dirname, '../../..');
  const { signal } = spawnSync(process.execPath, ['-r', '@swc-node/register', '-e', script], { cwd: root });
  expect(signal).toBe('SIGKILL');
  expect(readdirSync(directory).filter((name) => name.endsWith('.checkpoint'))).toHaveLength(1);
  const seen: string[] = [];
  const report = (event: StageEvent) => void (event.type === 'note' && seen.push(event.message));
  const resumed = await trainModel({ ...sampleOptions(), ...resumable(diskCheckpointStore(directory)), report });
  expect(seen).toEqual(['training goes on after epoch 3, where it was cut off']);
  expect(digestOf(resumed)).toBe(digestOf(await trainModel(sampleOptions())));
});

test('a run that has ended leaves no checkpoint behind', async () => {
  const directory = join(folder, 'ended');
  await trainModel({ ...options(), ...resumable(diskCheckpointStore(directory)) });
  expect(readdirSync(directory)).toEqual([]);
});

test('another setting starts from the beginning', async () => {
  const store = memoryCheckpointStore();
  await trainModel({ ...options(), ...resumable(store), ...stopAfter('training', 2) }).catch(() => undefined);
  const other = { ...options(), seed: 8 };
  expect(digestOf(await trainModel({ ...other, ...resumable(store) }))).toBe(digestOf(await trainModel(other)));
});

test.each([
  ['cut', (path: string) => truncateSync(path, 100)],
  ['empty', (path: string) => truncateSync(path, 0)],
  [
    'changed',
    (path: string) =>
      writeFileSync(
        path,
        readFileSync(path).map((byte, at) => (at === 500 ? byte ^ 1 : byte)),
      ),
  ],
])('a checkpoint that was %s is as good as none', async (how, spoil) => {
  const store = diskCheckpointStore(join(folder, how));
  await store.put('run', { history: [], bestEpoch: 0, steps: 3, numbers: [new Float32Array(100)] });
  expect(await store.get('run')).toMatchObject({ steps: 3 });
  spoil(join(folder, how, 'run.checkpoint'));
  expect(await store.get('run')).toBeNull();
});

test('of runs that were given up only the newest checkpoints stay', async () => {
  const directory = join(folder, 'given-up');
  const store = diskCheckpointStore(directory);
  for (let run = 0; run < 12; run++) {
    await store.put(`run-${run}`, { history: [], bestEpoch: 0, steps: run, numbers: [] });
    utimesSync(join(directory, `run-${run}.checkpoint`), run, run);
  }
  await store.put('run-12', { history: [], bestEpoch: 0, steps: 12, numbers: [] });
  expect(readdirSync(directory).sort()).toEqual(
    [5, 6, 7, 8, 9, 10, 11, 12].map((run) => `run-${run}.checkpoint`).sort(),
  );
});

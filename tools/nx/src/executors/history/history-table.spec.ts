import { evaluatePredictions, judgeGates, runResult } from '@graft/evaluation';
import { sha256 } from '@graft/foundation';
import { makerSettings, type HistoryRecord } from '@graft/pipeline';
import { historyTable } from './history-table';

const CLASSES = ['a', 'b'];
const FACTS = {
  ...{ kmodelBytes: 2048, kpuRamBytes: 1, mainMemoryBytes: 1 },
  speed: { estimatedMs: 12.34, lowMs: 9, highMs: 17 },
};

/** Four test pictures; so many of them right. */
function result(right: number, minDeviceAccuracy: number): unknown {
  const predictions = Array.from({ length: 4 }, (_, index) => ({
    ...{ id: sha256(String(index)), path: `${index}.png`, label: 0, float: [1, 0] },
    device: index < right ? [1, 0] : [0, 1],
  }));
  const metrics = evaluatePredictions(predictions, { classes: CLASSES, confidence: 0.95 });
  const none = { maxAccuracyDrop: null, minAgreement: null, maxKmodelBytes: null, maxLatencyMs: null, strict: [] };
  const gates = judgeGates(metrics, FACTS, { ...none, minDeviceAccuracy });
  return runResult(predictions, metrics, { ...FACTS, classes: CLASSES, gates });
}

const record = (model: string, changes: Partial<HistoryRecord>): HistoryRecord => ({
  ...{ version: 2, project: 'cats', order: 1, uncommitted: [], files: {}, commit: null, keys: {}, result: null },
  provenance: {
    ...{ version: 1, experiment: 'cats', settingsSha256: '', lockSha256: 'lock', tools: {} },
    model: { bytes: 2048, sha256: model.repeat(64) },
  },
  settings: makerSettings({ fetch: {}, preprocess: {}, probe: {}, train: {}, quantize: {}, compile: {} }),
  ...changes,
});

test('a run a line: figures, limits that are missed, commit, and what each changed from the one before', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const older = record('a', { keys: { 'train.epochs': 2, seed: 1 }, result: result(4, 0.9), commit });
  const newer = record('b', {
    ...{ keys: { 'train.epochs': 3, seed: 2 }, result: result(3, 0.9), commit, uncommitted: ['x'] },
  });
  const same = record('c', { keys: newer.keys, result: result(4, 0.9) });
  const table = historyTable({ records: [older, newer, same], current: newer, unreadable: ['.history/cats/x.json'] });
  expect(table.split('\n')).toEqual([
    'run                device          float     agreement  KiB  ms    missed           commit    changed',
    'aaaaaaaa           100.00 % (4/4)  100.00 %  100.00 %   2.0  12.3  –                0123456',
    'bbbbbbbb  current  75.00 % (3/4)   100.00 %  75.00 %    2.0  12.3  device_accuracy  0123456*  seed: 1 → 2 and 1 more',
    'cccccccc  newest   100.00 % (4/4)  100.00 %  100.00 %   2.0  12.3  –                –         tools or code',
    'no record can be read from .history/cats/x.json',
  ]);
});

test('the name is told where variants are among them', () => {
  const one = record('a', {});
  const variant = { ...one, provenance: { ...one.provenance, experiment: 'cats-tiny' } };
  const lines = historyTable({ records: [one, variant], current: null, unreadable: [] }).split('\n');
  expect(lines[1]).toMatch(/^aaaaaaaa cats +–/);
  expect(lines[2]).toMatch(/^aaaaaaaa cats-tiny +newest/);
});

test('of a record of an earlier version there is the size, and what its stages saw', () => {
  const settings = makerSettings({
    ...{ fetch: {}, preprocess: {}, probe: {}, train: { train: { epochs: 2 } }, quantize: {}, compile: {} },
  });
  const old = record('a', { version: 1, keys: null, order: 0 });
  const table = historyTable({ records: [old, record('b', { settings })], current: null, unreadable: [] });
  expect(table).toMatch(/^aaaaaaaa +– +– +– +2\.0 +– +– +–$/m);
  expect(table).toMatch(/^bbbbbbbb .* train\.train: \(absent\) → \{"epochs":2\}$/m);
});

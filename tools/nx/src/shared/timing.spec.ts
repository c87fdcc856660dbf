import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectationOf } from '@graft/pipeline';
import { stageTimer, timingFolder } from './timing';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-timing-'));
  mkdirSync(join(folder, 'out', 'train'), { recursive: true });
  const outputs = [1000, 234].map((size, index) => ({ path: `${index}`, size, sha256: '' }));
  const manifest = { version: 1, stage: 'train', inputs: { settings: {}, files: {} }, tools: {}, outputs };
  writeFileSync(join(folder, 'out', 'train', 'manifest.json'), JSON.stringify(manifest));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const timerAt = (times: number[], place = timingFolder(folder, 'a project')) =>
  stageTimer('train', join(folder, 'out'), place, () => times.shift() ?? NaN);

test('the time of the work is kept for its project, with memory and what it made', async () => {
  const timer = timerAt([1000, 3500]);
  timer.begin();
  await timer.end();
  const expected = await expectationOf(timingFolder(folder, 'a project'), 'train');
  expect(expected).toMatchObject({ seconds: 2.5, outputBytes: 1234, runs: 1 });
  expect(expected?.peakMemoryBytes).toBeGreaterThan(2 ** 20);
});

test('a stage that kept its output was no run', async () => {
  await timerAt([1000]).end();
  expect(await expectationOf(timingFolder(folder, 'a project'), 'train')).toBeNull();
});

test('a place that cannot be written to fails no stage', async () => {
  writeFileSync(join(folder, 'file'), '');
  const timer = timerAt([0, 1], join(folder, 'file', 'below'));
  timer.begin();
  await expect(timer.end()).resolves.toBeUndefined();
});

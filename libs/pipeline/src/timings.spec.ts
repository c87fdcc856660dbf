import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectationOf, keepTiming, TIMINGS_KEPT, type Timing } from './timings';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'graft-timings-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const took = (seconds: number): Timing => ({ seconds, peakMemoryBytes: seconds * 100, outputBytes: 7 });

test('of a stage that never ran nothing is expected', async () => {
  await keepTiming(folder, 'train', took(1));
  expect(await expectationOf(folder, 'quantize')).toBeNull();
  expect(await expectationOf(join(folder, 'none'), 'train')).toBeNull();
});

test('the middle of past runs is expected, with the fastest and the slowest', async () => {
  for (const seconds of [9, 2, 4]) await keepTiming(folder, 'train', took(seconds));
  expect(await expectationOf(folder, 'train')).toEqual({
    ...{ seconds: 4, peakMemoryBytes: 400, outputBytes: 7 },
    ...{ fastest: 2, slowest: 9, runs: 3 },
  });
});

test('only the last runs count, and the file stays small', async () => {
  for (let run = 1; run <= 100; run++) await keepTiming(folder, 'train', took(run));
  expect(await expectationOf(folder, 'train')).toMatchObject({ fastest: 91, slowest: 100, runs: TIMINGS_KEPT });
  const lines = readFileSync(join(folder, 'train.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(2 * TIMINGS_KEPT);
});

test('runs that end at the same time all leave a whole line', async () => {
  const runs = Array.from({ length: TIMINGS_KEPT }, (_, index) => keepTiming(folder, 'train', took(index + 1)));
  await Promise.all(runs);
  expect(await expectationOf(folder, 'train')).toMatchObject({ fastest: 1, slowest: TIMINGS_KEPT, runs: TIMINGS_KEPT });
  expect(readdirSync(folder)).toEqual(['train.jsonl']);
});

test.each(['{"seconds": 3', '[]', 'null', '{"seconds": -1, "peakMemoryBytes": 1, "outputBytes": 1}'])(
  'a line that holds %s is passed over',
  async (line) => {
    await keepTiming(folder, 'train', took(2));
    appendFileSync(join(folder, 'train.jsonl'), `${line}\n`);
    await keepTiming(folder, 'train', took(2));
    expect(await expectationOf(folder, 'train')).toMatchObject({ seconds: 2, runs: 2 });
  },
);

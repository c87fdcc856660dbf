import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent, type StageEvent } from '@graft/foundation';
import type { ExampleRecord, Examples } from '@graft/image';
import type { ProbeSettings } from '@graft/pipeline';
import { TINY_PICTURES_PER_CLASS, tinyPicture } from '@graft/testkit';
import { chooseCut } from './choose-cut';

const SIDE = 32;
const LABELS = ['blue', 'red'] as const;
const CUTS = ['conv1_relu', 'conv_pw_1_relu', 'conv_pw_2_relu'].map((output, index) => ({
  ...{ output, kmodelBytes: 1000 * (index + 1), estimatedMs: index + 1 },
}));

let cacheFolder: string;
beforeEach(() => (cacheFolder = mkdtempSync(join(tmpdir(), 'graft-'))));
afterEach(() => rmSync(cacheFolder, { recursive: true }));

/** Two pictures a group; what is not of the training part cannot be looked at. */
function examples(): Examples {
  const records = LABELS.flatMap((label) =>
    Array.from({ length: TINY_PICTURES_PER_CLASS }, (_, number): ExampleRecord => ({
      ...{ id: `${label} ${number}`, path: `${label}/${number}.png`, label, cutout: null },
      ...{ split: number % 4 === 3 ? 'test' : 'train', group: `${label} ${Math.floor(number / 2)}` },
    })),
  );
  return {
    index: { version: 1, height: SIDE, width: SIDE, examples: records },
    pixels: (index) => {
      const { label, split } = records[index];
      if (split === 'test') throw new Error('a test picture was looked at');
      return tinyPicture(label === 'red' ? 'red' : 'blue', index).subarray(0, SIDE * SIDE * 3);
    },
    cutout: () => null,
    close: async () => undefined,
  };
}

const settings = (cuts = CUTS): ProbeSettings => ({
  output: null,
  search: {
    ...{ cuts, seed: 3, classes: [...LABELS], alpha: 0.25, weights: { type: 'none' }, pooling: 'avg' },
    normalize: { scale: 1 / 127.5, offset: -1 },
  },
});

function choose(asked: ProbeSettings, indices: readonly number[], report: (event: StageEvent) => void = silent) {
  const signal = new AbortController().signal;
  return chooseCut(asked, examples(), indices, { weightsFolder: cacheFolder, cacheFolder, report, signal });
}

const training = examples().index.examples.flatMap(({ split }, index) => (split === 'train' ? [index] : []));

test('a cut that is named, and one that is alone, are taken without a look at any picture', async () => {
  expect(await choose({ output: 'conv_pw_9_relu', search: null }, training)).toMatchObject({
    output: 'conv_pw_9_relu',
  });
  expect(await choose(settings(CUTS.slice(2)), training)).toEqual({ output: 'conv_pw_2_relu', comparison: null });
});

test('the comparison looks at training pictures only, counts groups, and its choice is one of the cuts', async () => {
  const { output, comparison } = await choose(settings(), training);
  expect(comparison).toMatchObject({ pictures: training.length });
  expect(comparison?.trials).toBeLessThan(training.length);
  expect(comparison?.cuts.filter(({ chosen }) => chosen).map((cut) => cut.output)).toEqual([output]);
});

test('the same pictures in another order give the same comparison', async () => {
  const first = await choose(settings(), training);
  const second = await choose(settings(), training.toReversed());
  expect(second.comparison?.cuts).toEqual(first.comparison?.cuts);
});

test.each([
  ['one class', training.filter((index) => index < TINY_PICTURES_PER_CLASS)],
  ['one group of a class', training.filter((index) => index < TINY_PICTURES_PER_CLASS + 2)],
])('%s is too little to compare cuts (W611)', async (_, indices) => {
  const seen: StageEvent[] = [];
  const choice = await choose(settings(), indices, (event) => seen.push(event));
  expect(choice).toEqual({ output: 'conv_pw_2_relu', comparison: null });
  expect(seen).toContainEqual(expect.objectContaining({ type: 'warning', code: 'W611' }));
});

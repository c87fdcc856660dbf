import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExampleRecord, Examples } from '@graft/image';
import { loadExperiment } from '@graft/spec';
import { TINY_PICTURES_PER_CLASS, tinyPicture } from '@graft/testkit';

// Behind the library's door: what the stage's slice holds, as values.
import { crossValidateSettings } from '../../../libs/pipeline/src/slices';
import { accuracyOf, benchIngredients, pairedGain, renderIngredientRow } from './bench-ingredients';
import type { Experiment, Ingredient, IngredientResult } from './bench-ingredients';
import { INGREDIENTS } from './ingredients';

const SIDE = 32;
const LABELS = ['blue', 'red'] as const;

const YAML = `
version: 1
name: tiny
classes: [blue, red]
dataset: { sources: [{ type: directory, path: ./images }] }
preprocess: { image_size: ${SIDE} }
augment: { repeats: 0 }
model: { alpha: 0.25, weights: none, output: conv_pw_2_relu }
train: { epochs: 3, batch_size: 4, learning_rate: 0.01, callbacks: { early_stopping: none, checkpoint: none } }
quantize: { calibration: { samples: 4 } }
evaluate: { cross_validation: 2 }
`;

function examples(): Examples {
  const records = LABELS.flatMap((label) =>
    Array.from({ length: TINY_PICTURES_PER_CLASS }, (_, number): ExampleRecord => ({
      ...{ id: `${label} ${number}`, path: `${label}/${number}.png`, label, cutout: null },
      ...{ split: 'train', group: `${label} ${number}` },
    })),
  );
  return {
    index: { version: 1, height: SIDE, width: SIDE, examples: records },
    pixels: (index) => tinyPicture(records[index].label === 'red' ? 'red' : 'blue', index).subarray(0, SIDE * SIDE * 3),
    cutout: () => null,
    close: async () => undefined,
  };
}

let cacheFolder: string;
beforeEach(() => (cacheFolder = mkdtempSync(join(tmpdir(), 'graft-ingredients-'))));
afterEach(() => rmSync(cacheFolder, { recursive: true }));

function experiment(): Experiment {
  const parsed = loadExperiment({
    experimentPath: 'experiment.yaml',
    projectPath: 'project.yaml',
    defaultName: 'tiny',
    readText: (path) => (path === 'experiment.yaml' ? YAML : null),
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  const denseOnKpu = { layers: 0, mayFallBack: false };
  const settings = crossValidateSettings(parsed.value.spec, { cuts: [], denseOnKpu });
  return { settings, examples: examples(), weightsFolder: cacheFolder, cacheFolder };
}

const PLAIN: Ingredient = { name: 'plain', against: null, change: (settings) => settings };
const MAXIMA: Ingredient = {
  name: 'maxima',
  against: 'plain',
  change: (settings) => ({ ...settings, model: { ...settings.model, pooling: 'avg_max' } }),
};

test('each way is cross-validated over every split, and on the device over the first ones', async () => {
  const results: IngredientResult[] = [];
  await benchIngredients(experiment(), [PLAIN, MAXIMA], [1, 2], 1, (result) => results.push(result));
  expect(results.map(({ name }) => name)).toEqual(['plain', 'maxima']);
  for (const { float, device } of results) {
    expect([float.length, device.length]).toEqual([2, 1]);
    // Each picture is tested once in each split; red and blue are told apart by any network.
    for (const pictures of [...float, ...device])
      expect(Object.values(pictures)).toHaveLength(2 * TINY_PICTURES_PER_CLASS);
    expect(accuracyOf(float)).toBeGreaterThan(0.9);
    expect(accuracyOf(device)).toBeGreaterThan(0.9);
  }
}, 60_000);

test('a gain is paired by picture, and answers to one picture count as one', () => {
  const other = [
    [true, false, false, true],
    [true, false, true, true],
  ];
  const score = [
    [true, true, false, true],
    [true, true, true, false],
  ];
  // By picture 0, 1, 0 and −1/2: mean 1/8; deviations −1/8, 7/8, −1/8, −5/8 with squares that add up to 19/16.
  const { gain, error } = pairedGain(score, other);
  expect(gain).toBeCloseTo(1 / 8, 12);
  expect(error).toBeCloseTo(Math.sqrt(19 / 16 / 3 / 4), 12);
});

test('a row says how many were right in each split, and leaves out a device that was not asked', () => {
  const result = {
    name: 'new',
    float: [
      [true, true],
      [true, false],
    ],
    device: [[true, false]],
  };
  const before = {
    name: 'old',
    float: [
      [true, false],
      [true, false],
    ],
    device: [],
  };
  expect(renderIngredientRow(result, before)).toBe('| new | 75.00 % | 2, 1 | old | +25.00 ± 25.00 | 50.00 % | 1 |');
  expect(renderIngredientRow(before, null)).toBe('| old | 50.00 % | 1, 1 |  |  |  |  |');
});

test('every way is compared with an earlier one', () => {
  const names = INGREDIENTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  INGREDIENTS.forEach(({ against }, index) => {
    if (against !== null) expect(names.slice(0, index)).toContain(against);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyPicture } from '@graft/testkit';
import sharp from 'sharp';
import { benchLabelErrors, renderLabelErrors } from './bench-label-errors';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-labels-'));
  for (const label of ['blue', 'red'] as const) {
    await mkdir(join(folder, label));
    for (let number = 0; number < 14; number++) {
      const picture = sharp(tinyPicture(label, number), { raw: { height: 40, width: 40, channels: 3 } });
      await writeFile(join(folder, label, `${number}.png`), await picture.png().toBuffer());
    }
  }
  await writeFile(join(folder, 'red', 'notes.txt'), 'no picture');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('labels that were made wrong are named where the classes are easily told apart, and others are not', async () => {
  const result = await benchLabelErrors(folder, [2], 3);
  expect(result).toEqual({
    pictures: 28,
    accuracy: 1,
    namedAsTheyAre: [],
    results: [{ planted: 2, rounds: 3, found: 2, named: 2 }],
  });
  expect(renderLabelErrors(result)).toContain('| 2 | 2.0 (100 %) | 2.0 | 100 % | 3 |');
});

test('the same errors are planted each time', async () => {
  expect(await benchLabelErrors(folder, [5], 2)).toEqual(await benchLabelErrors(folder, [5], 2));
});

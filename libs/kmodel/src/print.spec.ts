import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';

import { arbitraryKModel } from './arbitrary-kmodel';
import { printKModel } from './print';
import { readKModel } from './read';

const FOLDER = join(__dirname, '../fixtures/tiny-own');
const tinyOwn = new Uint8Array(readFileSync(join(FOLDER, 'tiny-own.kmodel')));

test('the dump of tiny-own is the one beside it', () => {
  const dump = printKModel(readKModel(tinyOwn));
  const path = join(FOLDER, 'expected.dump.txt');
  // UPDATE_GOLDEN=1 rewrites the dump; its diff is part of the review.
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, dump);
  expect(dump).toBe(readFileSync(path, 'utf8'));
});

test('a changed weight shows in the line of its layer only', () => {
  const before = printKModel(readKModel(tinyOwn)).split('\n');
  const bytes = tinyOwn.slice();
  bytes[256] ^= 1;
  const after = printKModel(readKModel(bytes)).split('\n');
  const differing = before.filter((line, index) => line !== after[index]);
  expect(differing).toHaveLength(1);
  expect(differing[0]).toMatch(/^ +0 +108 +804 +convolution/);
});

test('every kind of layer has its line', () => {
  fc.assert(
    fc.property(arbitraryKModel, (model) => {
      const lines = printKModel(model).trimEnd().split('\n');
      expect(lines.slice(lines.length - model.layers.length).map((line) => line.trim().split(/ +/)[3])).toEqual(
        model.layers.map(({ kind }) => kind),
      );
      expect(lines.join('\n')).not.toMatch(/undefined|object/);
    }),
    { numRuns: 50 },
  );
});

test('a model without convolutions uses no KPU RAM', () => {
  const model = { weightBits: 8, maxStartAddress: 32768, mainMemoryBytes: 8, outputs: [], layers: [] } as const;
  expect(printKModel(model)).toContain('KPU RAM: not in use');
});

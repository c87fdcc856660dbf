import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ByteError } from '@graft/foundation';
import fc from 'fast-check';

import { arbitraryConvolutions, arbitraryKModel, arbitraryPlainLayers } from './arbitrary-kmodel';
import { agreeingTruncations, damaged, truncations } from './hostile-files';
import type { HostileFile, Original } from './hostile-files';
import { inspectKModel } from './inspection/inspection';
import { printInspection } from './inspection/print-inspection';
import type { KModel } from './kmodel';
import { printKModel } from './print';
import { readKModel } from './read';
import { validateKModel } from './validate';
import { writeKModel } from './write';

/** GRAFT_SEED=… looks at other damage; a failure names the seed and the case. */
const SEED = Number(process.env['GRAFT_SEED'] ?? 4);

const SHARED = join(__dirname, '../../../../shared/fixtures/kmodel');
const file = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
const tinyOwn = { name: 'tiny-own', bytes: file(join(__dirname, '../fixtures/tiny-own/tiny-own.kmodel')) };
/** Files of other tools, where they lie beside the repository. */
const foreign = (name: string): Original[] =>
  existsSync(join(SHARED, `${name}.kmodel`)) ? [{ name, bytes: file(join(SHARED, `${name}.kmodel`)) }] : [];

const plainModel = (layers: KModel['layers']): KModel => ({
  weightBits: 16,
  maxStartAddress: 32768,
  mainMemoryBytes: 4096,
  outputs: [{ address: 0, size: 16 }],
  layers,
});
const generated: Original[] = [
  ...fc.sample(arbitraryKModel, { seed: SEED, numRuns: 16 }),
  ...fc.sample(arbitraryConvolutions, { seed: SEED, numRuns: 12 }),
  ...fc.sample(arbitraryPlainLayers, { seed: SEED, numRuns: 4 }).map(plainModel),
].map((model, index) => ({ name: `generated ${index}`, bytes: writeKModel(model) }));

/** A typed error with a place in the file, or a model that can be printed, inspected and written; anything else is thrown. */
function openAnd(bytes: Uint8Array): 'refused' | 'model' {
  validateKModel(bytes);
  let model: KModel;
  try {
    model = readKModel(bytes);
  } catch (error) {
    const typed = error instanceof ByteError && /^E35[0-4]$/.test(error.code);
    if (typed && error.offset >= 0 && error.offset <= bytes.length) return 'refused';
    throw error;
  }
  printKModel(model);
  printInspection(inspectKModel(bytes));
  const written = writeKModel(model);
  if (Buffer.compare(writeKModel(readKModel(written)), written) !== 0) throw new Error('a second writing differs');
  return 'model';
}

function openAll(files: Iterable<HostileFile>): { refused: number; model: number } {
  const counts = { refused: 0, model: 0 };
  for (const { what, bytes } of files) {
    try {
      counts[openAnd(bytes)]++;
    } catch (cause) {
      throw new Error(`seed ${SEED}, ${what}: ${String(cause)}`, { cause });
    }
  }
  return counts;
}

let opened = 0;
const count = ({ refused, model }: { refused: number; model: number }) => {
  opened += refused + model;
  return { refused, model };
};

test('a file that is cut anywhere is refused, or lacks only the zeros at its end', () => {
  const small = [tinyOwn, ...foreign('iris'), ...generated];
  for (const original of small) {
    const { model } = count(openAll(truncations(original, original.bytes.length, 1)));
    expect(model).toBeLessThan(8);
  }
  for (const original of [...foreign('mnist'), ...foreign('poke_model')]) {
    const { refused, model } = count(openAll(truncations(original, 600, 400)));
    expect(refused).toBeGreaterThan(1000);
    expect(model).toBeLessThan(8);
  }
});

test('a layer that is cut where the table agrees is refused, or lacks only zeros', () => {
  count(openAll(agreeingTruncations(tinyOwn, 7)));
  for (const original of [...foreign('iris'), ...generated]) count(openAll(agreeingTruncations(original, 1)));
});

test('a damaged file is refused, or is a model that can be printed and written', () => {
  const { refused, model } = count(openAll(damaged(tinyOwn, 1000, SEED)));
  expect(refused).toBeGreaterThan(300);
  expect(model).toBeGreaterThan(100);
  for (const original of generated) count(openAll(damaged(original, 70, SEED)));
  for (const original of foreign('iris')) count(openAll(damaged(original, 500, SEED)));
  for (const original of foreign('mnist')) count(openAll(damaged(original, 25, SEED)));
  for (const original of foreign('poke_model')) count(openAll(damaged(original, 4, SEED)));
});

test('the three tests above have opened at least 20,000 files', () => {
  expect(opened).toBeGreaterThanOrEqual(20_000);
});

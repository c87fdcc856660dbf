import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GraftError } from '@graft/foundation';
import { inspectFile } from './kmodel-file';

const TINY = resolve(__dirname, '../../../../../libs/kmodel/fixtures/tiny-own/tiny-own.kmodel');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-inspect-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

const errorOf = async (path: string): Promise<GraftError> => {
  try {
    await inspectFile(path);
  } catch (error) {
    if (error instanceof GraftError) return error;
    throw error;
  }
  throw new Error(`${path} was read`);
};

test('a kmodel is read and inspected', async () => {
  expect(await inspectFile(TINY)).toMatchObject({ fileBytes: 4632, findings: [] });
});

test.each<[string, string, () => string]>([
  ['a path with nothing there', 'E356', () => join(folder, 'nothing.kmodel')],
  ['a path that goes through a file', 'E356', () => join(written('file', 'x'), 'model.kmodel')],
  ['a folder', 'E357', () => folder],
  ['an empty file', 'E350', () => written('empty.kmodel', '')],
  ['a text', 'E351', () => written('text.kmodel', 'version: 1\nname: pokedex, and more of it\n')],
  ['version 4', 'E351', () => written('v4.kmodel', Uint8Array.of(0x4c, 0x44, 0x4d, 0x4b, 4, 0, 0, 0, 0, 0, 0, 0))],
  ['version 5', 'E351', () => written('v5.kmodel', Uint8Array.of(0x4c, 0x44, 0x4d, 0x4b, 5, 0, 0, 0, 0, 0, 0, 0))],
])('%s is refused with %s and its path', async (_, code, make) => {
  const path = make();
  const error = await errorOf(path);
  expect(error).toMatchObject({ code, message: expect.stringContaining(path) });
  if (path.includes('/v')) expect(error.message).toMatch(/kmodel of version [45], not 3/);
});

test('of a damaged file all broken rules are told, not only the first', async () => {
  const bytes = readFileSync(TINY);
  bytes[500] = 1; // between two blocks of the first convolution
  bytes[4240] = 2; // flags of the dequantize layer
  const { code, message, details } = await errorOf(written('damaged.kmodel', bytes));
  expect(code).toBe('E352');
  expect(message).toMatch(/damaged\.kmodel: layer 0 \(convolution\): the padding is not zero \(at byte 500\)$/);
  expect(details).toEqual([
    'error padding, layer 0, byte 500: padding byte is 1, must be 0',
    'error layer-flags, layer 5, byte 4240: flags are 2; only bit 0 has a meaning',
  ]);
});

test('a file larger than the flash of a board is refused with E357 and not read', async () => {
  const path = written('large.kmodel', '');
  truncateSync(path, 2 ** 33);
  expect(await errorOf(path)).toMatchObject({ code: 'E357', message: expect.stringContaining('8589934592 bytes') });
});

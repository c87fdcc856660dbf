import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, sha256File } from './digest';
import { writeFileAtomic } from './files';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'graft-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a file is written with the folders above it, and nothing is left beside it', async () => {
  await writeFileAtomic(join(folder, 'a', 'b', 'file.txt'), 'text');
  expect(readFileSync(join(folder, 'a', 'b', 'file.txt'), 'utf8')).toBe('text');
  expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['file.txt']);
});

test('a second writing replaces the first', async () => {
  const path = join(folder, 'file');
  await writeFileAtomic(path, 'a long first text');
  await writeFileAtomic(path, Uint8Array.of(1, 2));
  expect([...readFileSync(path)]).toEqual([1, 2]);
});

test('a writing that fails leaves nothing behind', async () => {
  mkdirSync(join(folder, 'taken', 'full'), { recursive: true });
  await expect(writeFileAtomic(join(folder, 'taken'), 'x')).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['taken']);
});

test('many writers of one file leave one whole text', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(texts.map((text) => writeFileAtomic(join(folder, 'file'), text)));
  expect(texts).toContain(readFileSync(join(folder, 'file'), 'utf8'));
  expect(readdirSync(folder)).toEqual(['file']);
});

test('a digest of a file is that of its bytes', async () => {
  const data = new Uint8Array(300_000).map((_, index) => index % 251);
  await writeFileAtomic(join(folder, 'file'), data);
  expect(await sha256File(join(folder, 'file'))).toBe(sha256(data));
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

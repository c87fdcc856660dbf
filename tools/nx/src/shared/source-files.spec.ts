import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';
import { fetchFiles } from './source-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-source-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), path);
}

test('lock, folders, archives and lists are named with their digests, and what is absent is not', async () => {
  const there = ['experiment.lock.json', 'images/red/b.png', 'images/a.png', 'extra.zip', 'urls.csv'];
  there.forEach(write);
  const sources = [
    { type: 'directory', path: 'images' },
    { type: 'archive', path: 'extra.zip' },
    { type: 'http', list: 'urls.csv' },
    { type: 'directory', path: 'elsewhere' },
    { type: 'npm' },
  ];
  expect(await fetchFiles(folder, sources)).toEqual(Object.fromEntries(there.map((path) => [path, sha256(path)])));
});

test('names of any kind are kept, and a link to nothing is left to fetch to complain about', async () => {
  const there = ['images/a b.png', 'images/new\nline.png', 'images/ü.png'];
  there.forEach(write);
  symlinkSync('nowhere', join(folder, 'images/link.png'));
  const files = await fetchFiles(folder, [{ type: 'directory', path: 'images' }]);
  expect(Object.keys(files).sort()).toEqual([...there].sort());
});

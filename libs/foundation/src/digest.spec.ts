import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestFiles, sha256, sha256File } from './digest';

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'graft-digest-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('the digest of nothing is the published one', async () => {
  writeFileSync(join(folder, 'empty'), '');
  expect([sha256(''), await sha256File(join(folder, 'empty'))]).toEqual([EMPTY, EMPTY]);
});

test.each([0, 1, 3])('files have their digests in the order of their paths, in %d threads', async (threads) => {
  // Lengths below, at and above the pieces that are read at a time.
  const contents = [0, 1, 1000, 2 ** 20, 2 ** 20 + 1, 3_000_000, 7].map((size, at) => Buffer.alloc(size, at));
  const paths = contents.map((content, at) => {
    const path = join(folder, `${at}`);
    writeFileSync(path, content);
    return path;
  });
  const expected = contents.map((content) => ({ size: content.length, sha256: sha256(content) }));
  expect(await digestFiles(paths, threads)).toEqual(expected);
  const some = [paths[6], join(folder, 'nobody'), folder, paths[1]];
  expect(await digestFiles(some, threads)).toEqual([expected[6], null, null, expected[1]]);
});

test('as many files as need threads are all digested', async () => {
  const path = join(folder, 'one');
  writeFileSync(path, 'one');
  const digests = await digestFiles(Array.from({ length: 1000 }, () => path));
  expect(digests).toEqual(Array.from({ length: 1000 }, () => ({ size: 3, sha256: sha256('one') })));
});

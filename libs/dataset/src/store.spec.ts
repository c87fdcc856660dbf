import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '@graft/foundation';
import { ContentStore } from './store';
import { temporaryFolder } from './testing/pictures';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: ContentStore;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = new ContentStore(join(folder.path, 'store'));
});
afterEach(() => folder.remove());

const spoil = async (path: string): Promise<void> => {
  await chmod(path, 0o644);
  await writeFile(path, 'something else');
};

test('what was put in is read back by its digest', async () => {
  const digest = await store.put(Buffer.from('hello'));
  expect(digest).toBe(sha256('hello'));
  expect(await store.read(digest)).toEqual(Buffer.from('hello'));
});

test('an object that is not there reads as null', async () => {
  expect(await store.read(sha256('hello'))).toBeNull();
});

test('a spoilt object is removed when it is read', async () => {
  const digest = await store.put(Buffer.from('hello'));
  await spoil(store.pathOf(digest));
  expect(await store.read(digest)).toBeNull();
  await expect(stat(store.pathOf(digest))).rejects.toThrow();
});

test('putting bytes again mends a spoilt object', async () => {
  const digest = await store.put(Buffer.from('hello'));
  await spoil(store.pathOf(digest));
  await store.put(Buffer.from('hello'));
  expect(await store.read(digest)).toEqual(Buffer.from('hello'));
});

test('many writers of the same bytes leave one whole object and nothing else', async () => {
  const digests = await Promise.all(Array.from({ length: 20 }, () => store.put(Buffer.from('hello'))));
  expect(new Set(digests).size).toBe(1);
  expect(await readdir(dirname(store.pathOf(digests[0])))).toEqual([digests[0]]);
});

test('a linked name shares the bytes and replaces what stood there', async () => {
  const digest = await store.put(Buffer.from('hello'));
  const target = join(folder.path, 'out', 'a.png');
  await mkdir(dirname(target));
  await writeFile(target, 'old');
  await store.linkTo(digest, target);
  expect(await readFile(target, 'utf8')).toBe('hello');
  expect((await stat(target)).ino).toBe((await stat(store.pathOf(digest))).ino);
});

test('a store that cannot be written says so with E233', async () => {
  await writeFile(join(folder.path, 'store'), 'a file where the folder should be');
  await expect(store.put(Buffer.from('hello'))).rejects.toMatchObject({ code: 'E233' });
});

test('a name that cannot be written says so with E233', async () => {
  const digest = await store.put(Buffer.from('hello'));
  await writeFile(join(folder.path, 'out'), '');
  await expect(store.linkTo(digest, join(folder.path, 'out', 'a.png'))).rejects.toMatchObject({ code: 'E233' });
});

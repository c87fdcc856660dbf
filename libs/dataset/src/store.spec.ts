import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
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

describe('what a killed run left half written', () => {
  const HOUR_MS = 3_600_000;
  const leave = async (...parts: readonly string[]): Promise<string> => {
    const path = join(folder.path, 'store', ...parts);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'half');
    return path;
  };
  const left = async (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );

  test('is removed once it is old, and nothing else is', async () => {
    const digest = await store.put(Buffer.from('hello'));
    const remains = [
      await leave('objects', 'ab', `${'ab'.repeat(32)}.0123456789ab.tmp`),
      await leave('selections', '.key.json.0123456789ab.tmp'),
    ];
    const others = [await leave('selections', 'key.json'), await leave('partial', 'key', 'body.tmp')];
    await store.sweep(Date.now() + HOUR_MS / 2);
    expect(await Promise.all(remains.map(left))).toEqual([true, true]);
    await store.sweep(Date.now() + 2 * HOUR_MS);
    expect(await Promise.all(remains.map(left))).toEqual([false, false]);
    expect(await Promise.all(others.map(left))).toEqual([true, true]);
    expect(await store.read(digest)).toEqual(Buffer.from('hello'));
  });

  test('goes away under two sweeps at a time, beside a run that writes', async () => {
    const remains = await Promise.all(
      Array.from({ length: 30 }, (_, at) => leave('objects', `${at}`, `${at}.0123456789ab.tmp`)),
    );
    const old = new Date(Date.now() - 2 * HOUR_MS);
    for (const path of remains) await utimes(path, old, old);
    const writing = Array.from({ length: 20 }, (_, at) => store.put(Buffer.from(`picture ${at}`)));
    await Promise.all([store.sweep(Date.now()), store.sweep(Date.now()), ...writing]);
    expect(await Promise.all(remains.map(left))).toEqual(remains.map(() => false));
    for (const digest of await Promise.all(writing)) expect(await store.read(digest)).not.toBeNull();
  });

  test('is no matter where there is no store yet', async () => {
    await expect(new ContentStore(join(folder.path, 'nowhere')).sweep(Date.now())).resolves.toBeUndefined();
  });
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

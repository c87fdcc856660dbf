import { truncateSync } from 'node:fs';
import files from 'node:fs/promises';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, silent, type StageEvent } from '@graft/foundation';
import { copyCard } from './copy-card';

const FILES = { 'labels.txt': 'a\nb\n', 'main.py': 'print("new")\n', 'tiny.kmodel': 'k'.repeat(600_000) };
const ON_CARD = ['SHA256SUMS', 'labels.txt', 'main.py', 'tiny.kmodel'];

let base: string;
let from: string;
let to: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-card-'));
  [from, to] = [join(base, 'sd'), join(base, 'mounted')];
  await Promise.all([mkdir(from), mkdir(to)]);
  await writeCardFolder(FILES);
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function writeCardFolder(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(from, name), text);
  const sums = Object.entries(files).map(([name, text]) => `${sha256(text)}  ${name}\n`);
  await writeFile(join(from, 'SHA256SUMS'), sums.join(''));
}

const onCard = async (): Promise<string[]> => (await readdir(to)).sort();
const readCard = (name: string): Promise<string> => readFile(join(to, name), 'utf8');
const copy = (report: (event: StageEvent) => void = silent, signal?: AbortSignal) =>
  copyCard(from, to, { report, ...(signal === undefined ? {} : { signal }) });

test('every file arrives as it is, and the script takes its name last', async () => {
  const copied = await copy();
  expect(await onCard()).toEqual(ON_CARD);
  for (const [name, text] of Object.entries(FILES)) expect(await readCard(name)).toBe(text);
  expect(copied.map(({ path }) => path).at(-1)).toBe(join(to, 'main.py'));
  for (const { path, sha256: digest } of copied) expect(sha256(await readFile(path))).toBe(digest);
});

test('what else lies on the card stays, and old files of ours are replaced', async () => {
  await writeFile(join(to, 'holiday.jpg'), 'beach');
  await writeFile(join(to, 'main.py'), 'print("old")\n');
  await copy();
  expect(await onCard()).toEqual([...ON_CARD, 'holiday.jpg'].sort());
  expect(await readCard('holiday.jpg')).toBe('beach');
  expect(await readCard('main.py')).toBe(FILES['main.py']);
});

test('a copy stopped half way is E412 and leaves the card as it was', async () => {
  await writeFile(join(to, 'main.py'), 'print("old")\n');
  const stop = new AbortController();
  const stopInTheModel = (event: StageEvent): void => {
    if (event.type === 'progress' && event.done > 300_000) stop.abort();
  };
  await expect(copy(stopInTheModel, stop.signal)).rejects.toMatchObject({ code: 'E412' });
  expect(await onCard()).toEqual(['main.py']);
  expect(await readCard('main.py')).toBe('print("old")\n');
});

test('progress is told in bytes up to the whole', async () => {
  const events: StageEvent[] = [];
  await copy((event) => events.push(event));
  const progress = events.filter((event) => event.type === 'progress');
  expect(progress.length).toBeGreaterThan(ON_CARD.length);
  expect(progress.at(-1)).toMatchObject({ unit: 'byte', done: progress[0].total, total: progress[0].total });
});

test('a file that reads back differently is E411, and no file took its name', async () => {
  await writeFile(join(to, 'main.py'), 'print("old")\n');
  const report = (event: StageEvent): void => {
    if (event.type === 'progress' && event.done === FILES['labels.txt'].length) {
      truncateSync(join(to, '.labels.txt.part'), 1);
    }
  };
  await expect(copy(report)).rejects.toMatchObject({ code: 'E411' });
  expect(await onCard()).toEqual(['main.py']);
  expect(await readCard('main.py')).toBe('print("old")\n');
});

describe('a target that cannot take the files is E413:', () => {
  const refused = (reason: RegExp) => ({ code: 'E413', message: expect.stringMatching(reason) });

  test('no folder', async () => {
    to = join(base, 'not mounted');
    await expect(copy()).rejects.toMatchObject(refused(/no such folder/));
  });

  test('a file', async () => {
    to = join(from, 'labels.txt');
    await expect(copy()).rejects.toMatchObject(refused(/a file, not a folder/));
  });

  test('the card folder itself', async () => {
    to = from;
    await expect(copy()).rejects.toMatchObject(refused(/the card folder itself/));
  });

  test('too little room, counted in whole blocks, told before anything is written', async () => {
    const blockBytes = 4096;
    const blocks = Math.ceil(FILES['tiny.kmodel'].length / blockBytes) + 3; // one for each small file
    const free = (bavail: number) => {
      const system = { type: 0, bsize: blockBytes, blocks: 1e6, bfree: bavail, bavail, files: 0, ffree: 0 };
      return jest.spyOn(files, 'statfs').mockResolvedValueOnce(system);
    };
    free(blocks - 1);
    await expect(copy()).rejects.toMatchObject(
      refused(new RegExp(`${blocks * blockBytes} bytes are needed, ${(blocks - 1) * blockBytes} are free`)),
    );
    expect(await onCard()).toEqual([]);
    free(blocks);
    await expect(copy()).resolves.toHaveLength(ON_CARD.length);
  });

  test('a name that a folder on the card has', async () => {
    await mkdir(join(to, 'labels.txt', 'deep'), { recursive: true });
    await expect(copy()).rejects.toMatchObject(refused(/labels\.txt/));
    expect(await onCard()).toEqual(['labels.txt']);
  });
});

describe('a card folder that is not whole is E415 and nothing is copied:', () => {
  const spoil: Readonly<Record<string, () => Promise<void>>> = {
    'a changed file': () => writeFile(join(from, 'labels.txt'), 'c\n'),
    'a missing file': () => rm(join(from, 'labels.txt')),
    'a missing list': () => rm(join(from, 'SHA256SUMS')),
    'a path out of the folder': () => writeFile(join(from, 'SHA256SUMS'), `${'0'.repeat(64)}  ../labels.txt\n`),
  };

  test.each(Object.entries(spoil))('%s', async (_, change) => {
    await change();
    await expect(copy()).rejects.toMatchObject({ code: 'E415' });
    expect(await onCard()).toEqual([]);
  });
});

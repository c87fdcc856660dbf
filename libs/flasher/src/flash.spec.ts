import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticsError, sha256, silent, type StageEvent } from '@graft/foundation';
import { DEVICES } from '@graft/k210';
import { verifyFiles } from './engines/sd';
import { flash } from './flash';
import type { FlashOptions } from './flash-plan';
import { NO_KIT } from './self-test/kit';

const kmodelFile = join(__dirname, '../fixtures/tiny-own.kmodel');
let outputFolder: string;
let options: FlashOptions;

beforeEach(async () => {
  outputFolder = await mkdtemp(join(tmpdir(), 'graft-flash-'));
  options = {
    name: 'tiny',
    classes: ['a', 'b', 'c'],
    imageSize: { height: 32, width: 32 },
    resize: 'crop',
    normalize: { scale: 1, offset: 0 },
    kmodel: await readFile(kmodelFile),
    provenance: '{}\n',
    flash: {
      engine: 'sd',
      modelFrom: 'sd',
      address: 0x300000,
      threshold: 0.5,
      screenRotation: 0,
      camera: { vflip: false, hmirror: false },
      gcHeapBytes: 0,
      allowFilesystem: false,
    },
    device: DEVICES['maix-bit'],
    firmware: 'full',
    selfTest: NO_KIT,
  };
});
afterEach(() => rm(outputFolder, { recursive: true, force: true }));

const dry = () => ({ ...options, flash: { ...options.flash, engine: 'dry-run' as const } });
const context = () => ({ outputFolder, report: silent });

test('a dry run writes the plan and nothing else', async () => {
  const { files } = await flash(dry(), context());
  expect(await readdir(outputFolder)).toEqual(['flash-plan.json']);
  expect(files).toHaveLength(1);
  expect(sha256(await readFile(files[0].path))).toBe(files[0].sha256);
});

test('the card engine writes the card, and every digest in SHA256SUMS is right', async () => {
  const { files } = await flash(options, context());
  const card = join(outputFolder, 'sd');
  expect((await readdir(card)).sort()).toEqual([
    'SHA256SUMS',
    'labels.txt',
    'main.py',
    'model.json',
    'provenance.json',
    'tiny.kmodel',
  ]);
  const lines = (await readFile(join(card, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  for (const line of lines) {
    const [digest, name] = line.split('  ');
    expect(sha256(await readFile(join(card, name)))).toBe(digest);
  }
  for (const { path, bytes } of files) expect((await stat(path)).size).toBe(bytes);
});

test('files of an earlier card do not stay', async () => {
  await flash({ ...options, name: 'before' }, context());
  await flash(options, context());
  expect(await readdir(join(outputFolder, 'sd'))).not.toContain('before.kmodel');
  expect((await readdir(outputFolder)).sort()).toEqual(['flash-plan.json', 'sd']);
});

test('options that cannot work write nothing and leave the old card', async () => {
  await flash(options, context());
  const before = await readFile(join(outputFolder, 'sd', 'labels.txt'), 'utf8');
  await expect(flash({ ...options, classes: ['only one'] }, context())).rejects.toThrow(DiagnosticsError);
  expect(await readFile(join(outputFolder, 'sd', 'labels.txt'), 'utf8')).toBe(before);
});

test('a stop between two files is E412 and leaves no card', async () => {
  const stop = new AbortController();
  const report = (event: StageEvent) => {
    if (event.type === 'progress' && event.done === 2) stop.abort();
  };
  const stopped = flash(options, { outputFolder, report, signal: stop.signal });
  await expect(stopped).rejects.toMatchObject({ code: 'E412' });
  expect(await readdir(outputFolder)).toEqual([]);
});

test('warnings of the plan and each file written are reported', async () => {
  const events: StageEvent[] = [];
  const fromFlash = { ...options, flash: { ...options.flash, modelFrom: 'flash' as const } };
  await flash(fromFlash, { outputFolder, report: (event) => events.push(event) });
  expect(events.filter((event) => event.type === 'warning')).toMatchObject([{ code: 'W411' }]);
  expect(events.at(-1)).toMatchObject({ type: 'progress', done: 6, total: 6, unit: 'file' });
});

test('a file that reads back differently is E411', async () => {
  const { plan } = await flash(dry(), context());
  const folder = join(outputFolder, 'card');
  await mkdir(folder);
  for (const { name, bytes } of plan.card) await writeFile(join(folder, name), bytes);
  await expect(verifyFiles(folder, plan.card)).resolves.toBeUndefined();
  await writeFile(join(folder, 'main.py'), 'print("something else")\n');
  await expect(verifyFiles(folder, plan.card)).rejects.toMatchObject({ code: 'E411' });
});

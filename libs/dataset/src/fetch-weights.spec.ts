import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeightsSource } from '@graft/spec';
import { fetchWeights } from './fetch-weights';
import type { FetchWeightsOptions, WeightsFile } from './fetch-weights';
import { temporaryFolder, writeFiles } from './testing/pictures';
import { FakeRegistry, integrityOf, tarball } from './testing/registry';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const PREFIX = 'https://storage.googleapis.com/tfjs-models/tfjs/';
const tensor = (count: number) => ({ name: 'w', shape: [count], dtype: 'float32' });
const group = (name: string, bytes: number) => ({ paths: [name], weights: [tensor(bytes / 4)] });
const GROUPS = [group('group1-shard1of1', 8), group('group2-shard1of1', 4)];
const MODEL = JSON.stringify({ modelTopology: {}, weightsManifest: GROUPS });

function options(changes: Partial<FetchWeightsOptions> = {}): FetchWeightsOptions {
  return {
    weights: { type: 'imagenet' },
    alpha: 0.5,
    projectName: 'pokedex',
    baseDirectory: join(folder.path, 'apps'),
    readForeign: (files) => ({ files, warnings: [] }),
    storeDirectory: join(folder.path, '.graft', 'store'),
    outDirectory: join(folder.path, 'out'),
    workspaceRoot: folder.path,
    mirrors: { [PREFIX]: 'mirror' },
    lock: { mode: 'auto', text: null, path: 'experiment.lock.json' },
    retries: 0,
    ...changes,
  };
}

const fetch = (changes: Partial<FetchWeightsOptions> = {}) => fetchWeights(options(changes));
const locked = (text: string, mode: 'auto' | 'required' = 'auto') => ({ lock: { mode, text, path: 'l.json' } });
const writeMirror = (files: Record<string, string> = {}) =>
  writeFiles(join(folder.path, 'mirror', 'mobilenet_v1_0.50_224'), {
    'model.json': MODEL,
    'group1-shard1of1': '12345678',
    'group2-shard1of1': 'abcd',
    ...files,
  });

describe('ImageNet weights', () => {
  test('are written as served, recorded, and said to be believed the first time: W640', async () => {
    await writeMirror();
    const { files, warnings, lockText } = await fetch();
    expect((await readdir(join(folder.path, 'out'))).sort()).toEqual([
      'group1-shard1of1',
      'group2-shard1of1',
      'manifest.json',
    ]);
    expect(await readFile(join(folder.path, 'out', 'manifest.json'), 'utf8')).toBe(MODEL);
    expect(files.map(({ path }) => path)).toEqual(
      ['group1-shard1of1', 'group2-shard1of1', 'model.json'].map((name) => `${PREFIX}mobilenet_v1_0.50_224/${name}`),
    );
    expect(warnings).toMatchObject([{ code: 'W640' }]);
    expect(lockText.match(/mobilenet_v1_0\.50_224/g)).toHaveLength(3);
  });

  test('that the lock pins come from the store, without a warning', async () => {
    await writeMirror();
    const { lockText } = await fetch();
    await rm(join(folder.path, 'mirror'), { recursive: true });
    const again = await fetch(locked(lockText, 'required'));
    expect([again.warnings, again.lockText, again.downloadedBytes]).toEqual([[], lockText, 0]);
  });

  test('that are not those of the lock are E646, unless the lock is renewed', async () => {
    await writeMirror();
    const { lockText } = await fetch();
    await rm(join(folder.path, '.graft'), { recursive: true });
    await rm(join(folder.path, 'out'), { recursive: true });
    await writeMirror({ 'group2-shard1of1': 'ABCD' });
    await expect(fetch(locked(lockText))).rejects.toMatchObject({
      code: 'E646',
      details: [expect.stringContaining('group2-shard1of1  expected 88d4266f… (4 bytes)  got e12e115a… (4 bytes)')],
    });
    expect(existsSync(join(folder.path, 'out'))).toBe(false);
    expect((await fetch({ ...locked(lockText), update: true })).lockText).not.toBe(lockText);
  });

  test('without a line in a required lock are E231, before anything is asked for', async () => {
    const pictures = '{"version": 1, "pictures": []}';
    await expect(fetch(locked(pictures, 'required'))).rejects.toMatchObject({ code: 'E231' });
    await writeMirror();
    const { lockText } = await fetch(locked(pictures));
    expect(lockText).toContain('"pictures": []');
  });

  test('of a width that was never trained are E647', async () => {
    await expect(fetch({ alpha: 0.35 })).rejects.toMatchObject({ code: 'E647' });
  });

  test('that are missing are E640, and cut ones E644', async () => {
    await expect(fetch()).rejects.toMatchObject({ code: 'E640', hint: expect.stringContaining('mirrors') });
    await writeMirror({ 'group2-shard1of1': 'abc' });
    await expect(fetch()).rejects.toMatchObject({ code: 'E644', message: expect.stringContaining('4 bytes') });
  });

  test.each([
    ['no JSON', '<html>'],
    ['no groups', '{"weightsManifest": []}'],
    ['a group of no files', '[{"weights": []}]'],
    ['a file that climbs out', JSON.stringify([group('../evil', 4)])],
    ['a file that is the manifest', JSON.stringify([group('manifest.json', 4)])],
    ['a hidden file', JSON.stringify([group('.bashrc', 4)])],
    ['a text in place of a group', '["x"]'],
  ])('behind a manifest with %s are E644', async (_, manifest) => {
    await writeMirror({ 'model.json': manifest });
    await expect(fetch()).rejects.toMatchObject({ code: 'E644' });
  });
});

describe('weights inside an npm package', () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await FakeRegistry.start();
  });
  afterEach(() => registry.stop());

  const manifest = JSON.stringify([
    {
      paths: ['trunk.bin'],
      weights: [{ name: 'w', shape: [2, 2], dtype: 'float32', quantization: { dtype: 'uint8' } }],
    },
  ]);
  const packed = (bin: string) =>
    tarball([
      { path: 'package/model/trunk-weights_manifest.json', content: manifest },
      { path: 'package/model/trunk.bin', content: bin },
      { path: 'package/model/other.bin', content: 'not wanted' },
      { path: 'package/trunk.bin', content: 'nor this' },
    ]);
  const source = (bytes: Buffer, path = 'model/trunk-weights_manifest.json'): WeightsSource => {
    registry.put('weights', bytes);
    return { type: 'npm', package: 'weights', version: '1.0.0', integrity: integrityOf(bytes), manifest: path };
  };

  test('are the manifest and the files it names, downloaded once', async () => {
    const bytes = packed('wxyz');
    const { files, warnings, downloadedBytes } = await fetch({ weights: source(bytes), registry: registry.url });
    expect(files.map(({ path, size }) => [path, size])).toEqual([
      ['npm:weights@1.0.0/model/trunk-weights_manifest.json', manifest.length],
      ['npm:weights@1.0.0/model/trunk.bin', 4],
    ]);
    expect(await readFile(join(folder.path, 'out', 'trunk.bin'), 'utf8')).toBe('wxyz');
    expect((await readdir(join(folder.path, 'out'))).sort()).toEqual(['manifest.json', 'trunk.bin']);
    expect([warnings, downloadedBytes, registry.tarballRequests]).toEqual([[], bytes.length, 1]);
    const again = await fetch({ weights: source(bytes), registry: registry.url });
    expect([again.downloadedBytes, registry.tarballRequests]).toEqual([0, 1]);
  });

  test('under another path are E645, with the manifests that are there', async () => {
    const weights = source(packed('wxyz'), 'model/wrong.json');
    await expect(fetch({ weights, registry: registry.url })).rejects.toMatchObject({
      code: 'E645',
      details: ['manifests it has: model/trunk-weights_manifest.json'],
    });
  });

  test('that are cut are E644, and missing ones E645', async () => {
    await expect(fetch({ weights: source(packed('wxy')), registry: registry.url })).rejects.toMatchObject({
      code: 'E644',
    });
    const bare = tarball([{ path: 'package/model/trunk-weights_manifest.json', content: manifest }]);
    await expect(fetch({ weights: source(bare), registry: registry.url })).rejects.toMatchObject({ code: 'E645' });
  });
});

test('no weights write nothing', async () => {
  const { files, warnings, lockText } = await fetch({ weights: { type: 'none' } });
  expect([files, warnings, existsSync(join(folder.path, 'out'))]).toEqual([[], [], false]);
  expect(lockText).toContain('"weights": []');
});

test('a place that cannot be written is E233', async () => {
  await writeMirror();
  await writeFile(join(folder.path, 'out'), '');
  await expect(fetch()).rejects.toMatchObject({ code: 'E233' });
});

describe('weights of a path', () => {
  const MODEL_FILE = { type: 'path', path: '../models/theirs.onnx' } as const;
  const MODEL_FOLDER = { type: 'path', path: './trunk' } as const;
  const names = (given: readonly { readonly path: string }[]) => given.map(({ path }) => path);

  test('are handed to whoever reads them, and what that makes of them is written', async () => {
    await writeFiles(join(folder.path, 'models'), { 'theirs.onnx': 'a model' });
    const readForeign = jest.fn(() => ({
      files: [{ path: 'manifest.json', bytes: Buffer.from('[]') }],
      warnings: [{ code: 'W830', severity: 'warning', message: 'padded otherwise' } as const],
    }));
    const { files, warnings } = await fetch({ weights: MODEL_FILE, readForeign });
    expect(readForeign).toHaveBeenCalledWith([{ path: 'theirs.onnx', bytes: Buffer.from('a model') }]);
    expect(files).toMatchObject([{ path: '../models/theirs.onnx', size: 7 }]);
    expect(await readdir(join(folder.path, 'out'))).toEqual(['manifest.json']);
    expect(warnings.map(({ code }) => code)).toEqual(['W640', 'W830']);
  });

  test('may be a folder: model.json first, then the files that it names', async () => {
    const files = { 'model.json': MODEL, 'group1-shard1of1': '12345678', 'group2-shard1of1': 'abcd', other: 'x' };
    await writeFiles(join(folder.path, 'apps', 'trunk'), files);
    const readForeign = jest.fn((given: readonly WeightsFile[]) => ({
      files: given,
      warnings: [],
    }));
    const result = await fetch({ weights: MODEL_FOLDER, readForeign });
    expect(names(readForeign.mock.calls[0][0])).toEqual(['model.json', 'group1-shard1of1', 'group2-shard1of1']);
    expect(names(result.files)).toEqual(['./trunk/group1-shard1of1', './trunk/group2-shard1of1', './trunk/model.json']);
  });

  test('are held against the lock (E646)', async () => {
    await writeFiles(join(folder.path, 'models'), { 'theirs.onnx': 'a model' });
    const { lockText } = await fetch({ weights: MODEL_FILE });
    expect((await fetch({ weights: MODEL_FILE, ...locked(lockText) })).warnings).toEqual([]);
    await writeFiles(join(folder.path, 'models'), { 'theirs.onnx': 'b model' });
    await expect(fetch({ weights: MODEL_FILE, ...locked(lockText) })).rejects.toMatchObject({ code: 'E646' });
  });

  test.each([
    ['no such file', MODEL_FILE, {}],
    ['a folder without model.json', MODEL_FOLDER, { other: 'x' }],
    ['a folder that lacks a file', MODEL_FOLDER, { 'model.json': MODEL, 'group1-shard1of1': '12345678' }],
  ])('%s is an error that names the path as written (E834)', async (_, weights, files) => {
    await writeFiles(join(folder.path, 'apps', 'trunk'), files);
    const failed = fetch({ weights });
    await expect(failed).rejects.toMatchObject({ code: 'E834', message: expect.stringContaining(weights.path) });
    await expect(failed).rejects.toMatchObject({ message: expect.not.stringContaining(folder.path) });
  });

  test('a model.json that names a file elsewhere is refused (E644)', async () => {
    const elsewhere = JSON.stringify({ weightsManifest: [{ ...GROUPS[0], paths: ['../secret'] }] });
    await writeFiles(join(folder.path, 'apps', 'trunk'), { 'model.json': elsewhere });
    await expect(fetch({ weights: MODEL_FOLDER })).rejects.toMatchObject({ code: 'E644' });
  });
});

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { diskFeatureStore, memoryFeatureStore, type FeatureStore } from './feature-store';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-features-'));
});
afterEach(() => rm(folder, { recursive: true }));

const stores: [string, () => FeatureStore][] = [
  ['memory', memoryFeatureStore],
  ['disk', () => diskFeatureStore(folder)],
];

describe.each(stores)('the store in %s', (_, open) => {
  test('gives back what was put in, and null for the rest', async () => {
    const store = open();
    await store.put('ab12', Float32Array.of(1, -0.5, 3e-20));
    expect(await store.get('ab12')).toEqual(Float32Array.of(1, -0.5, 3e-20));
    expect(await store.get('ab13')).toBeNull();
  });

  test('is not moved by changes to what was put in or given out', async () => {
    const store = open();
    const values = Float32Array.of(1);
    await store.put('ab12', values);
    values[0] = 2;
    const given = await store.get('ab12');
    given?.fill(3);
    expect(await store.get('ab12')).toEqual(Float32Array.of(1));
  });
});

test('a file that was cut or changed counts as absent', async () => {
  const store = diskFeatureStore(folder);
  await store.put('ab12', Float32Array.of(1, 2));
  const path = join(folder, 'ab', 'ab12.f32');
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length - 4));
  expect(await store.get('ab12')).toBeNull();
  await writeFile(path, bytes.with(bytes.length - 1, 0));
  expect(await store.get('ab12')).toBeNull();
});

test('nothing but the finished file is left behind', async () => {
  await diskFeatureStore(folder).put('ab12', Float32Array.of(1));
  expect(await readdir(join(folder, 'ab'))).toEqual(['ab12.f32']);
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadWeights } from './load-weights';
import { readKerasWeights, readTrunkWeights } from './read-weights';

/** Two 8-bit tensors, a whole number between them, and one plain float32: the forms that a trunk's manifest holds. */
const TRUNK = JSON.stringify([
  {
    paths: ['trunk.bin'],
    weights: [
      {
        name: 'MobilenetV1/Conv2d_0_pointwise/weights',
        shape: [1, 1, 1, 2],
        dtype: 'float32',
        quantization: { dtype: 'uint8', scale: 0.5, min: -1 },
      },
      { name: 'Prediction/stack', shape: [1], dtype: 'int32', quantization: { dtype: 'uint8', scale: 1, min: 3 } },
      {
        name: 'MobilenetV1/Conv2d_3_depthwise/BatchNorm/moving_variance',
        shape: [2],
        dtype: 'float32',
        quantization: { dtype: 'uint16', scale: 2, min: 0 },
      },
      { name: 'MobilenetV1/Conv2d_3_pointwise/convolution_bn_offset', shape: [1], dtype: 'float32' },
    ],
  },
]);
// 0.5 · 2 − 1 = 0; 0.5 · 4 − 1 = 1; 2 · 256 = 512; 2 · 1 = 2; 1 as float32.
const TRUNK_BYTES = Uint8Array.of(2, 4, 9, 0, 1, 1, 0, 0, 0, 0x80, 0x3f);

const trunkShards = (bytes: Uint8Array) => new Map([['trunk.bin', bytes]]);

test('an 8-bit trunk is read under Keras names, byte · scale + min', () => {
  const weights = readTrunkWeights(TRUNK, trunkShards(TRUNK_BYTES));
  expect(Object.fromEntries(weights)).toEqual({
    'conv1/kernel': { shape: [1, 1, 1, 2], data: Float32Array.of(0, 1) },
    'conv_dw_3_bn/moving_variance': { shape: [2], data: Float32Array.of(512, 2) },
    'conv_pw_3/bias': { shape: [1], data: Float32Array.of(1) },
  });
});

const KERAS = JSON.stringify({
  format: 'layers-model',
  modelTopology: {},
  weightsManifest: [
    { paths: ['a', 'b'], weights: [{ name: 'conv1/kernel', shape: [1, 1, 1, 2], dtype: 'float32' }] },
    {
      paths: ['c'],
      weights: [
        { name: 'mobilenet/conv1_bn/gamma:0', shape: [1], dtype: 'float32' },
        { name: 'conv_preds/bias', shape: [1], dtype: 'float32' },
      ],
    },
  ],
});
const KERAS_SHARDS = new Map([
  ['a', Uint8Array.of(0, 0, 0x80, 0x3f, 0)],
  ['b', Uint8Array.of(0, 0, 0x40)],
  ['c', Uint8Array.of(0, 0, 0, 0x3f, 0, 0, 0, 0)],
]);

test('a layers model is read across its files, its own head left out', () => {
  const weights = readKerasWeights(KERAS, KERAS_SHARDS);
  expect(Object.fromEntries(weights)).toEqual({
    'conv1/kernel': { shape: [1, 1, 1, 2], data: Float32Array.of(1, 2) },
    'conv1_bn/gamma': { shape: [1], data: Float32Array.of(0.5) },
  });
});

test.each([
  ['text that is not JSON', 'E610', '{', TRUNK_BYTES],
  ['JSON that is no manifest', 'E610', '[{"paths": ["trunk.bin"]}]', TRUNK_BYTES],
  ['an unknown number form', 'E610', TRUNK.replace('uint16', 'float16'), TRUNK_BYTES],
  ['a manifest without the network', 'E610', TRUNK.replace('Conv2d_0', 'Conv2d_x'), TRUNK_BYTES],
  ['a file that ends early', 'E611', TRUNK, TRUNK_BYTES.subarray(0, 8)],
  ['bytes left over', 'E611', TRUNK, Uint8Array.of(...TRUNK_BYTES, 0)],
])('%s is refused with %s', (_, code, manifest, bytes) => {
  expect(() => readTrunkWeights(manifest, trunkShards(bytes))).toThrow(expect.objectContaining({ code }));
});

describe('a folder of weights', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'graft-weights-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is told apart by its files', async () => {
    await writeFile(join(folder, 'x-weights_manifest.json'), TRUNK);
    await writeFile(join(folder, 'trunk.bin'), TRUNK_BYTES);
    expect(await loadWeights(folder)).toMatchObject({ kind: 'ssd-trunk', alpha: 2 / 32 });

    await writeFile(join(folder, 'model.json'), KERAS);
    for (const [name, bytes] of KERAS_SHARDS) await writeFile(join(folder, name), bytes);
    expect(await loadWeights(folder)).toMatchObject({ kind: 'keras' });
  });

  test('may hold several manifests, when one is named', async () => {
    await mkdir(join(folder, 'model'));
    await writeFile(join(folder, 'model', 'x-weights_manifest.json'), TRUNK);
    await writeFile(join(folder, 'model', 'y-weights_manifest.json'), '[]');
    await writeFile(join(folder, 'model', 'trunk.bin'), TRUNK_BYTES);
    const named = await loadWeights({ directory: folder, manifest: 'model/x-weights_manifest.json' });
    expect(named.kind).toBe('ssd-trunk');
    await expect(loadWeights(join(folder, 'model'))).rejects.toMatchObject({ code: 'E612' });
  });

  test('has a digest that changes with a byte of the weights', async () => {
    await writeFile(join(folder, 'x-weights_manifest.json'), TRUNK);
    await writeFile(join(folder, 'trunk.bin'), TRUNK_BYTES);
    const { digest } = await loadWeights(folder);
    await writeFile(join(folder, 'trunk.bin'), TRUNK_BYTES.with(0, 3));
    expect((await loadWeights(folder)).digest).not.toBe(digest);
  });

  test('without weights, or with a file missing, is refused', async () => {
    await expect(loadWeights(folder)).rejects.toMatchObject({ code: 'E612' });
    await writeFile(join(folder, 'x-weights_manifest.json'), TRUNK);
    await expect(loadWeights(folder)).rejects.toMatchObject({ code: 'E611' });
    await writeFile(join(folder, 'x-weights_manifest.json'), TRUNK.replace('trunk.bin', '../trunk.bin'));
    await expect(loadWeights(folder)).rejects.toMatchObject({ code: 'E611' });
  });
});

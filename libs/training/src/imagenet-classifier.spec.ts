import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backboneWeightShapes, evaluate, halfTurn, IMAGENET_CLASS_COUNT, imagenetClassifier } from '@graft/model';
import { planarOf } from './imagenet-classifier.fixture';
import { drawnTensor, ENCODING, kerasConfig, kerasPictures } from './keras-parity.sample';
import { loadWeights } from './load-weights';
import { openRunner } from './runner';

/** What tools/second-opinions/keras-imagenet.py wrote: Keras itself, with its own padding and top. */
const KERAS: { readonly answer: readonly number[] } = JSON.parse(
  readFileSync(join(__dirname, '../fixtures/keras-imagenet.json'), 'utf8'),
);
const ALPHA = 0.25;
const SIDE = 224;

const TENSORS = [
  ...backboneWeightShapes(kerasConfig(ALPHA, SIDE)),
  { name: 'conv_preds/kernel', shape: [1, 1, 256, IMAGENET_CLASS_COUNT] },
  { name: 'conv_preds/bias', shape: [IMAGENET_CLASS_COUNT] },
].map(({ name, shape }) => ({ name, shape, data: drawnTensor(name, shape) }));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-imagenet-'));
  await writeModel(folder, TENSORS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The official format: `model.json`, and a file a tensor. */
async function writeModel(place: string, tensors: typeof TENSORS): Promise<void> {
  const groups = tensors.map(({ name, shape }, at) => ({
    paths: [`group${at + 1}-shard1of1`],
    weights: [{ name, shape, dtype: 'float32' }],
  }));
  await writeFile(join(place, 'model.json'), JSON.stringify({ modelTopology: {}, weightsManifest: groups }));
  for (const [at, { data }] of tensors.entries()) {
    await writeFile(join(place, `group${at + 1}-shard1of1`), new Uint8Array(data.buffer));
  }
}

const [picture] = kerasPictures('imagenet picture', 1, SIDE);

test('the pretrained network of 1000 classes answers as Keras does, within 1e-4', async () => {
  const { weights } = await loadWeights({ directory: folder, top: true });
  const graph = imagenetClassifier(ALPHA, SIDE, ENCODING, weights);
  const runner = await openRunner(graph, { backend: 'wasm' });
  const [answer] = await runner.predict([halfTurn(picture.pixels(), 3)]);
  runner.dispose();
  expect(largestDifference(answer)).toBeLessThan(1e-4);
  const plain = evaluate(graph, planarOf(halfTurn(picture.pixels(), 3)));
  expect(largestDifference(plain)).toBeLessThan(1e-4);
  // The reference tells pictures apart, and right side up is another picture.
  expect(Math.max(...KERAS.answer)).toBeGreaterThan(0.01);
  const upright = evaluate(graph, planarOf(picture.pixels()));
  expect(largestDifference(upright)).toBeGreaterThan(1e-3);
}, 60_000);

test('E618: weights without a top', async () => {
  const place = await mkdtemp(join(tmpdir(), 'graft-imagenet-'));
  try {
    await writeModel(place, TENSORS.slice(0, -2));
    await expect(loadWeights({ directory: place, top: true })).rejects.toMatchObject({ code: 'E618' });
    expect((await loadWeights(place)).weights.has('conv1/kernel')).toBe(true);
    expect((await loadWeights(folder)).weights.has('conv_preds/kernel')).toBe(false);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});

function largestDifference(answer: ArrayLike<number>): number {
  expect(answer).toHaveLength(KERAS.answer.length);
  return KERAS.answer.reduce((most, value, at) => Math.max(most, Math.abs(value - answer[at])), 0);
}

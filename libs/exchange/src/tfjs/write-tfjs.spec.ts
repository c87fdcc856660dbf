import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { evaluate } from '@graft/model';
import type { Graph } from '@graft/model';

import type { ExportedFile } from '../exported-file';
import {
  cardFor,
  largestDifference,
  planes,
  randomNetwork,
  randomPicture,
  withActivation,
} from '../random-network.fixture';
import { writeTfjs } from './write-tfjs';

tf.enableProdMode();

const SHARD = 16 * 1024;
const write = (graph: Graph, shardBytes = SHARD) => writeTfjs(graph, { card: cardFor(graph), shardBytes });
const text = (files: readonly ExportedFile[]): string => Buffer.from(files[0].bytes).toString('utf8');
const HIDDEN = { head: [{ type: 'dense', units: 5, activation: 'relu' }] } as const;

/** As a page does it, but from memory. */
async function load(files: readonly ExportedFile[]) {
  const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(text(files));
  const weightData = new Uint8Array(Buffer.concat(files.slice(1).map(({ bytes }) => bytes))).buffer;
  const weightSpecs = weightsManifest.flatMap((group: { weights: unknown[] }) => group.weights);
  return loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData, userDefinedMetadata }) });
}

async function answer(graph: Graph, picture: Uint8Array): Promise<ArrayLike<number>> {
  const model = await load(write(graph));
  const { height, width } = graph.input;
  const input = tf.tensor4d(Float32Array.from(picture), [1, height, width, 3]);
  const output = model.predict(input) as tf.Tensor;
  const values = output.dataSync<'float32'>();
  tf.dispose([input, output]);
  model.dispose();
  return values;
}

test.each([
  ['batch norms, no hidden layer', randomNetwork(1)],
  ['means and maxima', randomNetwork(2, { pooling: 'avg_max' })],
  ['a hidden layer with relu', randomNetwork(3, HIDDEN)],
  [
    'a hidden layer with leaky relu',
    withActivation(randomNetwork(4, HIDDEN), 'dense_1_relu', { kind: 'leaky_relu', alpha: 0.3 }),
  ],
  ['a hidden layer with sigmoid', withActivation(randomNetwork(5, HIDDEN), 'dense_1_relu', 'sigmoid')],
  ['another normalization', randomNetwork(6, { encoding: { scale: 1 / 255, offset: 0 } })],
])('TensorFlow.js loads a network with %s and answers as we do', async (_, graph) => {
  for (const seed of [1, 2]) {
    const picture = randomPicture(seed, graph.input);
    expect(largestDifference(await answer(graph, picture), evaluate(graph, planes(picture)))).toBeLessThan(1e-5);
  }
});

test('the card comes back as the metadata of the loaded model', async () => {
  const graph = randomNetwork(1);
  const model = await load(write(graph));
  expect(model.getUserDefinedMetadata()).toEqual(cardFor(graph));
  expect(cardFor(graph)).toMatchObject({ labels: ['blue', 'red', 'grün'], input: { layout: 'NHWC', range: [0, 255] } });
  model.dispose();
});

test('weights are cut into files of the asked size, named in order', () => {
  const [, ...shards] = write(randomNetwork(1));
  expect(shards.length).toBeGreaterThan(1);
  expect(shards.slice(0, -1).every(({ bytes }) => bytes.length === SHARD)).toBe(true);
  expect(shards[0].path).toBe(`group1-shard1of${shards.length}.bin`);
});

test('equal networks give equal files, whatever they lie in', () => {
  const graph = randomNetwork(1);
  const moved = {
    ...graph,
    nodes: graph.nodes.map((node) => (node.kind === 'dense' ? { ...node, bias: shifted(node.bias) } : node)),
  };
  expect(write(moved)).toEqual(write(graph));
});

/** The same numbers in the middle of another buffer. */
function shifted(values: Float32Array): Float32Array {
  const wider = new Float32Array(values.length + 2);
  wider.set(values, 1);
  return wider.subarray(1, -1);
}

test('an activation that Keras 2 has no layer for is refused (E801)', () => {
  const graph = withActivation(randomNetwork(3, HIDDEN), 'dense_1_relu', 'hard_swish');
  expect(() => write(graph)).toThrow(expect.objectContaining({ code: 'E801' }));
});

test('labels that do not fit the outputs are refused (E802)', () => {
  const graph = randomNetwork(1, { classes: 2 });
  expect(() => write(graph)).toThrow(expect.objectContaining({ code: 'E802' }));
});

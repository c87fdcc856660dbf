import { fromBufferPromise } from 'yauzl';
import { buffer } from 'node:stream/consumers';
import { File } from 'jsfive';
import type { Graph } from '@graft/model';

import { cardFor, randomNetwork, withActivation } from '../random-network.fixture';
import { kerasLayers } from '../tfjs/keras-layers';
import { snakeCase } from './keras-model';
import { writeKeras } from './write-keras';

const HIDDEN = { head: [{ type: 'dense', units: 5, activation: 'relu' }] } as const;
const write = (graph: Graph) => writeKeras(graph, { card: cardFor(graph), name: 'tiny' });

/** Entries of the archive by name, in their order. */
async function unpacked(graph: Graph): Promise<ReadonlyMap<string, Buffer>> {
  const [{ bytes }] = await write(graph);
  const zip = await fromBufferPromise(Buffer.from(bytes), {});
  const entries = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    entries.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry, {})));
  }
  return entries;
}

function open(entries: ReadonlyMap<string, Buffer>): File {
  const bytes = Uint8Array.from(entries.get('model.weights.h5') ?? []);
  return new File(bytes.buffer, 'model.weights.h5');
}

test.each([
  ['batch norms', randomNetwork(1)],
  ['means and maxima', randomNetwork(2, { pooling: 'avg_max' })],
  ['a hidden layer', randomNetwork(3, HIDDEN)],
])('a reader of HDF5 finds every number of a network with %s where Keras looks for it', async (_, graph) => {
  const file = open(await unpacked(graph));
  const counts = new Map<string, number>();
  for (const { className, tensors } of kerasLayers(graph, 'Keras 3')) {
    const base = snakeCase(className);
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    const vars = `layers/${base}${count === 0 ? '' : `_${count}`}/vars`;
    expect(file.get(vars).keys).toEqual(tensors.map((_tensor, at) => String(at)));
    tensors.forEach(({ shape, data }, at) => {
      const { shape: found, value } = file.get(`${vars}/${at}`);
      expect([found, Float32Array.from(value)]).toEqual([shape, data]);
    });
  }
});

test('the configuration names each layer once, and each reads layers that stand before it', async () => {
  const entries = await unpacked(randomNetwork(2, { pooling: 'avg_max' }));
  const { config } = JSON.parse(String(entries.get('config.json')));
  const seen = new Set<string>();
  for (const { name, inbound_nodes: nodes } of config.layers) {
    const tensors = nodes.flatMap(({ args }: { args: unknown[] }) => args.flat());
    for (const tensor of tensors) expect(seen).toContain(tensor.config.keras_history[0]);
    expect(seen).not.toContain(name);
    seen.add(name);
  }
  expect(config.output_layers).toEqual([['softmax', 0, 0]]);
});

test('shapes between layers are those that Keras works out', async () => {
  const entries = await unpacked(randomNetwork(2, { pooling: 'avg_max' }));
  const { config } = JSON.parse(String(entries.get('config.json')));
  const shapeInto = (name: string) =>
    config.layers
      .find((layer: { name: string }) => layer.name === name)
      .inbound_nodes[0].args.flat()
      .map((tensor: { config: { shape: unknown } }) => tensor.config.shape);
  expect(shapeInto('conv1')).toEqual([[null, 34, 34, 3]]);
  expect(shapeInto('conv1_bn')).toEqual([[null, 16, 16, 8]]);
  expect(shapeInto('conv_dw_2')).toEqual([[null, 18, 18, 16]]);
  expect(shapeInto('global_average_max_pooling2d')).toEqual([
    [null, 64],
    [null, 64],
  ]);
  expect(shapeInto('predictions')).toEqual([[null, 128]]);
});

test('the slope of leaky relu has the name that Keras 3 has for it', async () => {
  const graph = withActivation(randomNetwork(3, HIDDEN), 'dense_1_relu', { kind: 'leaky_relu', alpha: 0.3 });
  const text = String((await unpacked(graph)).get('config.json'));
  expect(text).toContain('"negative_slope":0.3');
  expect(text).not.toContain('"alpha"');
});

test('the card stands in the metadata and beside the file; labels are lines', async () => {
  const graph = randomNetwork(1);
  const [, labels, card] = await write(graph);
  const entries = await unpacked(graph);
  expect([...entries.keys()]).toEqual(['metadata.json', 'config.json', 'model.weights.h5']);
  expect(JSON.parse(String(entries.get('metadata.json'))).graft).toEqual(cardFor(graph));
  expect([labels.path, Buffer.from(labels.bytes).toString()]).toEqual(['labels.txt', 'blue\nred\ngrün\n']);
  expect(JSON.parse(Buffer.from(card.bytes).toString())).toEqual(cardFor(graph));
});

test('equal networks give equal bytes, at any time', async () => {
  const first = await write(randomNetwork(1));
  jest.useFakeTimers({ now: new Date('2031-05-06T07:08:09Z'), doNotFake: ['nextTick', 'setImmediate'] });
  try {
    expect(await write(randomNetwork(1))).toEqual(first);
  } finally {
    jest.useRealTimers();
  }
});

test.each([
  ['Conv2D', 'conv2d'],
  ['DepthwiseConv2D', 'depthwise_conv2d'],
  ['ReLU', 're_lu'],
  ['LeakyReLU', 'leaky_re_lu'],
  ['BatchNormalization', 'batch_normalization'],
  ['GlobalAveragePooling2D', 'global_average_pooling2d'],
  ['ZeroPadding2D', 'zero_padding2d'],
  ['InputLayer', 'input_layer'],
])('%s is counted as %s, as in files of Keras 3.15', (className, expected) => {
  expect(snakeCase(className)).toBe(expected);
});

test('labels that do not fit the outputs are refused (E802)', async () => {
  await expect(write(randomNetwork(1, { classes: 2 }))).rejects.toMatchObject({ code: 'E802' });
});

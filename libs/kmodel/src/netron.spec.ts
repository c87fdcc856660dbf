import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';

import type { NetronGraph, NetronModel, NetronNode } from '../../../tools/second-opinions/src/netron';
import { describeWithNetron, installNetron, netronModelsOf } from '../../../tools/second-opinions/src/netron';
import { brokenLinks, withoutSuffixes } from '../../../tools/second-opinions/src/netron-links';
import { meantNode } from '../../../tools/second-opinions/src/netron-nodes';
import { arbitraryKModel, arbitraryPlainLayers } from './arbitrary-kmodel';
import type { KModel, KModelLayer } from './kmodel';
import { readKModel } from './read';
import { writeKModel } from './write';

const TINY_OWN = join(__dirname, '../fixtures/tiny-own/tiny-own.kmodel');
const SHARED = join(__dirname, '../../../../shared/fixtures/kmodel');
const INSTALL_LIMIT_MS = 300_000;

jest.setTimeout(60_000);

describeWithNetron('netron shows', () => {
  let netron: string;
  beforeAll(async () => {
    netron = await installNetron();
  }, INSTALL_LIMIT_MS);

  /** What netron makes of one file. */
  async function opened(bytes: Uint8Array): Promise<NetronModel> {
    const [model] = await netronModelsOf(netron, { 'model.kmodel': bytes });
    return model;
  }

  test('the layers, shapes, weights and tables of tiny-own', async () => {
    const bytes = readFileSync(TINY_OWN);
    const graph = graphOf(await opened(bytes));
    expect(graph.nodes.map(({ type }) => type)).toEqual([
      ...['K210_CONV', 'K210_CONV', 'K210_CONV', 'K210_CONV', 'K210_CONV'],
      ...['DEQUANTIZE', 'GLOBAL_AVERAGE_POOL2D', 'FULLY_CONNECTED', 'SOFTMAX'],
    ]);
    expect(graph.nodes[0].outputs[0].values[0]).toMatchObject({ shape: [16, 16, 8] });
    expectGraph(graph, readKModel(bytes));
  });

  for (const [file, layers] of [
    ['poke_model.kmodel', 37],
    ['mnist.kmodel', 11],
    ['iris.kmodel', 2],
  ] as const) {
    const path = join(SHARED, file);
    const title = `what the reader finds in a file of another tool, ${file}`;
    if (!existsSync(path)) test.skip(`${title} (skipped: the shared fixture is absent)`, () => undefined);
    else
      test(title, async () => {
        const bytes = readFileSync(path);
        const graph = graphOf(await opened(bytes));
        expect(graph.nodes).toHaveLength(layers);
        expectGraph(graph, readKModel(bytes));
      });
  }

  test('whatever the writer writes of every layer that netron knows', async () => {
    const models = fc.sample(arbitraryKnownLayer, { numRuns: 150, seed: 1 }).map(modelOf);
    const files = Object.fromEntries(models.map((model, index) => [`${index}.kmodel`, writeKModel(model)]));
    const shown = await netronModelsOf(netron, files);
    expect(new Set(models.map(({ layers }) => layers[1].kind)).size).toBe(KNOWN.length);
    models.forEach(({ layers }, index) => expectNode(graphOf(shown[index]).nodes[1], layers[1]));
  });

  test('an error, not a graph, where the file is cut', async () => {
    const bytes = readFileSync(TINY_OWN);
    await expect(opened(bytes.subarray(0, 2000))).rejects.toThrow(
      /^netron cannot open model\.kmodel: Expected \d+ more/,
    );
  });
});

/** Layers of which netron reads more than the name; it opens no file with one of the others. */
const KNOWN: readonly KModelLayer['kind'][] = [
  ...(['convolution', 'globalAveragePool', 'quantizedMaxPool', 'quantize', 'dequantize', 'requantize'] as const),
  ...(['softmax', 'concat', 'quantizedConcat', 'fullyConnected', 'flatten', 'resizeNearest'] as const),
  ...(['quantizedResizeNearest', 'addPadding', 'removePadding', 'upload'] as const),
];

const arbitraryKnownLayer = fc
  .oneof(
    // Netron takes all weights for 8-bit ones.
    arbitraryKModel.filter(({ weightBits }) => weightBits === 8).map(({ layers }) => layers),
    arbitraryPlainLayers,
  )
  .chain((layers) => (layers.length === 0 ? fc.constant(undefined) : fc.constantFrom(...layers)))
  .filter((layer): layer is KModelLayer => layer !== undefined && KNOWN.includes(layer.kind) && !isInPlace(layer))
  .map((layer) => (layer.kind === 'fullyConnected' ? { ...layer, activation: layer.activation % 3 } : layer));

/** Netron gives a value that is read and written at one address one shape. */
function isInPlace(layer: KModelLayer): boolean {
  return 'input' in layer && 'output' in layer && layer.input === layer.output;
}

/** The layer after a softmax at addresses of its own: netron needs a first layer with one input. */
function modelOf(layer: KModelLayer): KModel {
  const first: KModelLayer = { kind: 'softmax', flags: 0, input: 0xfffffff0, output: 0xfffffff4, channels: 1 };
  return { weightBits: 8, maxStartAddress: 0, mainMemoryBytes: 8, outputs: [], layers: [first, layer] };
}

function graphOf(model: NetronModel): NetronGraph {
  expect(model.format).toBe('kmodel v3');
  expect(model.graphs).toHaveLength(1);
  return model.graphs[0];
}

/** Each layer as meant, each fed by the one before, the first by the picture, and the last being the output. */
function expectGraph(graph: NetronGraph, { layers }: KModel): void {
  expect(graph.nodes).toHaveLength(layers.length);
  layers.forEach((layer, index) => expectNode(graph.nodes[index], layer));
  expect(brokenLinks(graph)).toEqual([]);
}

function expectNode(node: NetronNode, layer: KModelLayer): void {
  // Both sides through JSON: it has neither NaN nor −0.
  expect(withoutSuffixes(node)).toMatchObject(JSON.parse(JSON.stringify(meantNode(layer))));
}

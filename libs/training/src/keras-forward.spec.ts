import { buildGraph, kerasLayers, type Graph, type NamedWeights } from '@graft/model';
import type { FloatTensor } from '@graft/tensor';

import {
  everyOf,
  installedBackends,
  kerasConfig,
  kerasFixture,
  kerasPictures,
  kerasWeights,
  relativeError,
} from './keras-parity.sample';
import { openRunner } from './runner';

interface Answers {
  /** The largest number of a layer's map of all pictures, and some of its numbers. */
  readonly layers: readonly { readonly layer: string; readonly largest: number; readonly values: readonly number[] }[];
  /** Means of the last map; [picture][channel]. */
  readonly features: readonly number[];
}

const { alpha, side, pictures, kpuPadding, ownPadding } = kerasFixture<{
  alpha: number;
  side: number;
  pictures: number;
  kpuPadding: Answers;
  ownPadding: Answers;
}>('forward');
const POOLED = 'global_average_pooling2d';
const config = kerasConfig(alpha, side);
/** Of the last map. */
const CHANNELS = 1024 * alpha;
const weights = kerasWeights(config);
const examples = kerasPictures('pictures/forward', pictures, side).map((example) => example.pixels());

/** The part up to a layer. */
function upTo(graph: Graph, layer: string): Graph {
  return { ...graph, nodes: graph.nodes.slice(0, graph.nodes.findIndex((node) => node.name === layer) + 1) };
}

/** What a layer answers to all pictures, one after the other. */
async function answers(graph: Graph, inputs: readonly Uint8Array[], backend: 'wasm' | 'tfjs-node') {
  const runner = await openRunner(graph, { backend });
  const maps = await runner.predict(inputs);
  runner.dispose();
  return Float32Array.from(maps.flatMap((map) => [...map]));
}

/** Largest difference, as a share of the largest number of the map. */
function difference(actual: ArrayLike<number>, expected: readonly number[], largest: number): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce((most, value, at) => Math.max(most, Math.abs(actual[at] - value)), 0) / largest;
}

/** Turns each picture of [row][column][channel] by half a turn. */
function halfTurned<T extends Uint8Array | Float32Array>(map: T, channels: number): T {
  const turned = map.slice() as T;
  const pixels = map.length / channels;
  for (let pixel = 0; pixel < pixels; pixel++)
    turned.set(map.subarray(pixel * channels, (pixel + 1) * channels), (pixels - 1 - pixel) * channels);
  return turned;
}

/** Kernels [row][column][input][output]; 1×1 ones stay the same. */
function withHalfTurnedKernels(tensors: NamedWeights): NamedWeights {
  const turned = ([name, { shape, data }]: [string, FloatTensor]): [string, FloatTensor] =>
    name.endsWith('kernel') && shape.length === 4
      ? [name, { shape, data: halfTurned(data, shape[2] * shape[3]) }]
      : [name, { shape, data }];
  return new Map([...tensors].map(turned));
}

jest.setTimeout(120_000);

describe.each(installedBackends('the forward pass'))('on %s', (backend) => {
  test('every layer answers as in Keras with the padding of the KPU', async () => {
    const graph = buildGraph(config, weights);
    expect(kpuPadding.layers.map(({ layer }) => layer)).toEqual(
      kerasLayers(config).filter((name) => name.endsWith('_relu')),
    );
    for (const { layer, largest, values } of kpuPadding.layers) {
      const map = await answers(upTo(graph, layer), examples, backend);
      expect(difference(everyOf(map, values.length), values, largest)).toBeLessThan(1e-6);
      expect(map.reduce((most, value) => Math.max(most, value)) / largest).toBeCloseTo(1, 6);
    }
    const features = await answers(upTo(graph, POOLED), examples, backend);
    expect(relativeError(features, kpuPadding.features)).toBeLessThan(1e-6);
  });

  test('Keras’s own padding is ours, seen upside down', async () => {
    // Windows over rows 2i … 2i + 2 of a picture cover rows 2j − 1 … 2j + 1 of the turned one, border and all.
    const graph = buildGraph(config, withHalfTurnedKernels(weights));
    const turned = examples.map((pixels) => halfTurned(pixels, 3));
    const last = ownPadding.layers[ownPadding.layers.length - 1];
    const map = await answers(upTo(graph, last.layer), turned, backend);
    const size = map.length / pictures;
    const back = turned.flatMap((_, index) => [...halfTurned(map.slice(index * size, (index + 1) * size), CHANNELS)]);
    const seen = everyOf(Float32Array.from(back), last.values.length);
    expect(difference(seen, last.values, last.largest)).toBeLessThan(1e-6);
    const features = await answers(upTo(graph, POOLED), turned, backend);
    expect(relativeError(features, ownPadding.features)).toBeLessThan(1e-6);
    expect(relativeError(features, kpuPadding.features)).toBeGreaterThan(0.01);
  });
});

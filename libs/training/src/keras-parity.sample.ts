import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import {
  backboneWeightShapes,
  headWeightShapes,
  type HeadShape,
  type MobilenetConfig,
  type NamedWeights,
} from '@graft/model';
import type { TrainSection } from '@graft/spec';

import type { BackendName } from './backend-identity';
import { lookForNative } from './native/find-native';
import type { TrainingExample } from './training-example';

/** What tools/second-opinions/keras-fixtures.py wrote; T is what that script says about the file. */
export function kerasFixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, `../fixtures/keras/${name}.json`), 'utf8'));
}

/** Back ends of this machine. Says which one cannot be compared with Keras here. */
export function installedBackends(subject: string): readonly BackendName[] {
  const looked = lookForNative();
  if (looked.some(({ place }) => place !== null)) return ['wasm', 'tfjs-node'];
  process.stderr.write(`"${subject}" is skipped on tfjs-node: ${looked.map(({ found }) => found).join('; ')}\n`);
  return ['wasm'];
}

/** Numbers that follow from their name: `draw` of tools/second-opinions/keras_network.py. */
export function draw(name: string, length: number, low: number, high: number): Float32Array {
  const start = crc32(name);
  return Float32Array.from({ length }, (_, at) => low + (high - low) * (mixed(at, start) / 2 ** 32));
}

function mixed(at: number, start: number): number {
  let x = (Math.imul(at, 0x9e3779b1) + start) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

const BLOCKS = 8;

/** Pictures of 8 × 8 blocks; labels take turns. */
export function kerasPictures(name: string, count: number, side: number): TrainingExample[] {
  const blocks = draw(name, count * BLOCKS * BLOCKS * 3, 0, 256);
  const size = side / BLOCKS;
  const pixels = (picture: number) =>
    Uint8Array.from({ length: side * side * 3 }, (_, at) => {
      const [row, column] = [Math.floor(at / 3 / side / size), Math.floor((Math.floor(at / 3) % side) / size)];
      return blocks[((picture * BLOCKS + row) * BLOCKS + column) * 3 + (at % 3)];
    });
  return Array.from({ length: count }, (_, index) => {
    const id = `${name}/${index}`;
    return { id, digest: id, label: index % 2, pixels: () => pixels(index) };
  });
}

export const ENCODING = { scale: 1 / 127.5, offset: -1 };

export function kerasConfig(alpha: number, side: number, head: readonly HeadShape[] = []): MobilenetConfig {
  const input = { height: side, width: side };
  return { alpha, output: 'conv_pw_13_relu', input, encoding: ENCODING, pooling: 'avg', head, classes: 2 };
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  gamma: [0.5, 1.5],
  beta: [-0.5, 0.5],
  moving_mean: [-0.2, 0.2],
  moving_variance: [0.5, 1.5],
};

/** `fill` of tools/second-opinions/keras_network.py. */
export function kerasWeights(config: MobilenetConfig): NamedWeights {
  const shapes = [...backboneWeightShapes(config), ...headWeightShapes(config)];
  return new Map(shapes.map(({ name, shape }) => [name, { shape, data: drawnTensor(name, shape) }]));
}

export function drawnTensor(name: string, shape: readonly number[]): Float32Array {
  const size = (sides: readonly number[]) => sides.reduce((product, side) => product * side, 1);
  const part = name.split('/').at(-1) ?? '';
  const limit = Math.sqrt(6 / (part === 'depthwise_kernel' ? 9 : size(shape.slice(0, -1))));
  const [low, high] = part.endsWith('kernel') ? [-limit, limit] : (RANGES[part] ?? [-0.1, 0.1]);
  return draw(name, size(shape), low, high);
}

/** A head in the words of the fixtures. */
export type KerasHead = readonly ({ readonly dense: number } | { readonly dropout: number })[];

export function headOf(layers: KerasHead): HeadShape[] {
  return layers.map((layer) =>
    'dense' in layer
      ? { type: 'dense', units: layer.dense, activation: 'relu' }
      : { type: 'dropout', rate: layer.dropout },
  );
}

/** Adam at a constant rate, and nothing else. */
export function plainTraining(learningRate: number, batchSize: number): TrainSection {
  return {
    ...{ epochs: 1, batchSize, learningRate, warmupEpochs: 0, labelSmoothing: 0, weightDecay: 0 },
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    schedule: { name: 'constant' },
    ...{ classWeights: 'none', earlyStopping: null, fineTune: null, checkpoint: null },
  };
}

/** Largest difference, as a share of the largest number that was expected. */
export function relativeError(actual: ArrayLike<number>, expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  return expected.reduce((most, value, at) => Math.max(most, Math.abs(actual[at] - value)), 0) / largest;
}

/** So many numbers, evenly from the whole: `every` of keras-fixtures.py. */
export function everyOf(values: Float32Array, count: number): number[] {
  const step = Math.floor(values.length / count) | 1;
  return Array.from({ length: Math.min(count, Math.ceil(values.length / step)) }, (_, at) => values[at * step]);
}

import type { GraphNode } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { openBackend } from './backend';
import { draw, installedBackends, kerasFixture, relativeError } from './keras-parity.sample';
import type { Backward } from './layer';
import { trainableLayers } from './trainable';

/** In double precision: the answer to a map, and the slopes of Σ answer · upstream. */
interface Operation {
  readonly output: readonly number[];
  readonly input: readonly number[];
  /** By their Keras names, in Keras's layouts. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly statistics: Readonly<Record<string, readonly number[]>>;
}

const operations = kerasFixture<Record<string, Operation>>('operations');
const MAP: [number, number, number, number] = [2, 6, 4, 5];
const CHANNELS = MAP[3];

const tensor = (name: string, length: number) => draw(`operation/${name}`, length, -1, 1);
const positive = (name: string) => draw(`operation/${name}`, CHANNELS, 0.5, 1.5);

/** Kernels of Keras, [tap][input][output], as [output][input][tap]. */
function kernel(taps: number, inputs: number, outputs: number): Float32Array {
  const values = tensor('kernel', taps * inputs * outputs);
  return Float32Array.from(
    values,
    (_, at) =>
      values[((at % taps) * inputs + (Math.floor(at / taps) % inputs)) * outputs + Math.floor(at / taps / inputs)],
  );
}

const convolution = (size: 1 | 3, stride: 1 | 2): GraphNode => ({
  ...{ kind: 'convolution', name: 'layer', inputChannels: CHANNELS, outputChannels: 6, kernel: size, stride },
  weights: kernel(size * size, CHANNELS, 6),
  ...(size === 1 ? { bias: tensor('bias', 6) } : {}),
});
const depthwise = (stride: 1 | 2): GraphNode => ({
  ...{ kind: 'depthwise', name: 'layer', channels: CHANNELS, stride, weights: kernel(9, 1, CHANNELS) },
});
const batchNorm = (): GraphNode => ({
  ...{ kind: 'batchNorm', name: 'layer', epsilon: 0.001 },
  ...{ gamma: positive('gamma'), beta: draw('operation/beta', CHANNELS, -0.5, 0.5) },
  ...{ mean: draw('operation/moving_mean', CHANNELS, -0.2, 0.2), variance: positive('moving_variance') },
});
const POOL: GraphNode = { kind: 'globalAveragePool', name: 'pool' };
const dense = (): GraphNode => ({
  ...{ kind: 'dense', name: 'layer', inputs: CHANNELS, units: 3, weights: kernel(1, CHANNELS, 3) },
  bias: tensor('bias', 3),
});

const NODES: Readonly<Record<string, readonly GraphNode[]>> = {
  'convolution 3, stride 1': [convolution(3, 1)],
  'convolution 3, stride 2': [convolution(3, 2)],
  'convolution 1': [convolution(1, 1)],
  'depthwise, stride 1': [depthwise(1)],
  'depthwise, stride 2': [depthwise(2)],
  'batch norm of the batch': [batchNorm()],
  'batch norm of the averages': [batchNorm()],
  relu6: [{ kind: 'activation', name: 'layer', activation: 'relu6' }],
  mean: [POOL],
  dense: [POOL, dense()],
};

/** Forth and back through the layers of these nodes. */
function run(nodes: readonly GraphNode[], freezeBatchNorm: boolean, upstream: readonly number[]) {
  const { body, head } = trainableLayers([...nodes, dense()], { head: [], freezeBatchNorm, seed: 1 });
  const layers = [...body, ...head].slice(0, nodes.length);
  const input = tf.tensor(draw('operation/input', 2 * 6 * 4 * CHANNELS, -4, 8), MAP);
  let value: tf.Tensor = input;
  const tape = layers.map((layer) => {
    const { output, saved } = layer.forward(value, true);
    value = output;
    return { layer, saved };
  });
  const output = value.dataSync<'float32'>();
  let slope: tf.Tensor | undefined = tf.tensor(draw('operation/upstream', upstream.length, -1, 1), value.shape);
  const parameters: Float32Array[] = [];
  for (const { layer, saved } of tape.toReversed()) {
    if (slope === undefined) throw new Error(`${layer.name} gives no gradient by its input`);
    const back: Backward = layer.backward(slope, saved, true);
    parameters.push(...back.parameters.map((one) => one.dataSync<'float32'>()));
    slope = back.input;
  }
  return {
    output,
    input: slope?.dataSync<'float32'>() ?? [],
    parameters,
    statistics: layers.flatMap((l) => l.statistics),
  };
}

test('every operation is compared', () => {
  expect(Object.keys(operations).filter((name) => name !== 'madeBy')).toEqual(Object.keys(NODES));
});

describe.each(installedBackends('operations and their gradients'))('on %s', (backend) => {
  beforeAll(() => openBackend(backend));

  test.each(Object.keys(NODES))('%s answers and goes back as Keras does in double precision', (name) => {
    const expected = operations[name];
    const actual = run(NODES[name], !name.endsWith('the batch'), expected.output);
    expect(relativeError(actual.output, expected.output)).toBeLessThan(1e-6);
    expect(relativeError(actual.input, expected.input)).toBeLessThan(1e-6);
    const slopes = Object.values(expected.parameters);
    expect(actual.parameters).toHaveLength(slopes.length);
    slopes.forEach((values, index) => expect(relativeError(actual.parameters[index], values)).toBeLessThan(1e-6));
    const statistics = Object.values(expected.statistics);
    statistics.forEach((values, index) => expect(relativeError(actual.statistics[index], values)).toBeLessThan(1e-6));
  });
});

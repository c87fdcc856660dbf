import { Random } from '@graft/foundation';
import type { FloatTensor } from '@graft/tensor';

import { buildBackbone, buildGraph } from './build-graph';
import type { MobilenetConfig } from './mobilenet';
import { isGlobalPool } from './graph';
import { graphShapes } from './graph-shapes';
import { networkShape } from './network-shape';
import { backboneWeightShapes, headWeightShapes } from './weight-shapes';

const config: MobilenetConfig = {
  alpha: 0.25,
  output: 'conv_pw_2_relu',
  input: { height: 32, width: 64 },
  encoding: { scale: 1 / 127.5, offset: -1 },
  pooling: 'avg',
  head: [{ type: 'dense', units: 5, activation: 'relu' }],
  classes: 3,
};

function weights(of = config): Map<string, FloatTensor> {
  const random = Random.of(1);
  return new Map(
    [...backboneWeightShapes(of), ...headWeightShapes(of)].map(({ name, shape }) => [
      name,
      { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.between(0.1, 1)) },
    ]),
  );
}

test('the graph goes from pixels to probabilities', () => {
  const graph = buildGraph(config, weights());
  expect(graphShapes(graph).at(-1)).toEqual({ channels: 3, height: 1, width: 1 });
  expect(graph.nodes.map((node) => node.name)).toEqual([
    ...['conv1', 'conv1_bn', 'conv1_relu'],
    ...['conv_dw_1', 'conv_dw_1_bn', 'conv_dw_1_relu', 'conv_pw_1', 'conv_pw_1_bn', 'conv_pw_1_relu'],
    ...['conv_dw_2', 'conv_dw_2_bn', 'conv_dw_2_relu', 'conv_pw_2', 'conv_pw_2_bn', 'conv_pw_2_relu'],
    ...['global_average_pooling2d', 'dense_1', 'dense_1_relu', 'predictions', 'softmax'],
  ]);
});

test('with means and maxima the head takes two values of each channel', () => {
  const both = { ...config, pooling: 'avg_max' } as const;
  const graph = buildGraph(both, weights(both));
  // 128 channels at alpha 0.25 are 32.
  expect(graph.nodes.find(({ name }) => name === 'dense_1')).toMatchObject({ inputs: 64, units: 5 });
  expect(graphShapes(graph).at(-1)).toEqual({ channels: 3, height: 1, width: 1 });
  const shapes = networkShape(both);
  expect(shapes.find(({ kind }) => kind === 'globalAverageMaxPool')).toMatchObject({
    name: graph.nodes.find(isGlobalPool)?.name,
    input: { channels: 32, height: 8, width: 16 },
    output: { channels: 64, height: 1, width: 1 },
  });
});

test('of an input that holds more than its size, only the size is in the graph', () => {
  const input = { ...config.input, examples: ['a picture'] };
  expect(buildGraph({ ...config, input }, weights())).toEqual(buildGraph(config, weights()));
});

test('Keras kernels [row][column][input][output] become [output][input][row][column]', () => {
  const named = weights();
  const kernel = named.get('conv1/kernel')?.data ?? new Float32Array();
  const node = buildBackbone(config, named).nodes[0];
  if (node.kind !== 'convolution') throw new Error('conv1 is a convolution');
  const [output, input, row, column] = [6, 2, 1, 2];
  expect(node.weights[((output * 3 + input) * 3 + row) * 3 + column]).toBe(
    kernel[((row * 3 + column) * 3 + input) * 8 + output],
  );
});

test('a layer with a bias needs no batch norm', () => {
  const named = weights();
  for (const part of ['gamma', 'beta', 'moving_mean', 'moving_variance']) named.delete(`conv_pw_1_bn/${part}`);
  named.set('conv_pw_1/bias', { shape: [16], data: new Float32Array(16).fill(2) });
  const graph = buildBackbone(config, named);
  expect(graph.nodes.some((node) => node.name === 'conv_pw_1_bn')).toBe(false);
  expect(graph.nodes.find((node) => node.name === 'conv_pw_1')).toMatchObject({ bias: new Float32Array(16).fill(2) });
});

test('every missing and every misshaped tensor is named at once', () => {
  const named = weights();
  named.delete('conv_dw_2/depthwise_kernel');
  named.set('dense_1/bias', { shape: [4], data: new Float32Array(4) });
  const problems = [
    'conv_dw_2/depthwise_kernel [3, 3, 16, 1] is missing',
    'dense_1/bias is [4]; the network takes [5]',
  ];
  expect(() => buildGraph(config, named)).toThrow(expect.objectContaining({ code: 'E602', details: problems }));
});

test('weights of another alpha are told apart by it', () => {
  const build = () => buildGraph({ ...config, alpha: 0.5 }, weights());
  expect(build).toThrow(expect.objectContaining({ code: 'E602', hint: expect.stringContaining('alpha 0.25') }));
});

import type { Graph } from './graph';
import { readGraph, writeGraph } from './graph-file';

const graph: Graph = {
  name: 'small',
  input: { channels: 3, height: 4, width: 4, encoding: { scale: 1 / 127.5, offset: -1 } },
  nodes: [
    {
      kind: 'convolution',
      name: 'c',
      inputChannels: 3,
      outputChannels: 2,
      kernel: 1,
      stride: 2,
      weights: Float32Array.of(1, 2, 3, 4, 5, 0.1),
    },
    {
      kind: 'batchNorm',
      name: 'c_bn',
      gamma: Float32Array.of(1, 2),
      beta: Float32Array.of(3, 4),
      mean: Float32Array.of(5, 6),
      variance: Float32Array.of(7, 8),
      epsilon: 0.001,
    },
    { kind: 'activation', name: 'c_relu', activation: 'relu6' },
    {
      kind: 'depthwise',
      name: 'd',
      channels: 2,
      stride: 1,
      weights: new Float32Array(18).fill(0.5),
      bias: Float32Array.of(1, -1),
    },
    { kind: 'activation', name: 'd_leaky', activation: { kind: 'leaky_relu', alpha: 0.2 } },
    { kind: 'globalAveragePool', name: 'pool' },
    {
      kind: 'dense',
      name: 'out',
      inputs: 2,
      units: 2,
      weights: Float32Array.of(1, 0, 0, 1),
      bias: Float32Array.of(0, 0),
    },
    { kind: 'softmax', name: 'softmax' },
  ],
};

test('a graph reads back equal', () => {
  expect(readGraph(writeGraph(graph))).toEqual(graph);
});

test('a graph that pools in both ways reads back equal', () => {
  const dense = { kind: 'dense', name: 'out', inputs: 4, units: 1, weights: Float32Array.of(1, 2, 3, 4) } as const;
  const nodes = [
    ...graph.nodes.slice(0, 5),
    { kind: 'globalAverageMaxPool', name: 'pool' } as const,
    { ...dense, bias: Float32Array.of(5) },
  ];
  expect(readGraph(writeGraph({ ...graph, nodes }))).toEqual({ ...graph, nodes });
});

test('equal graphs give equal bytes', () => {
  const copy = readGraph(writeGraph(graph));
  expect(writeGraph(copy)).toEqual(writeGraph(graph));
});

const { json, bin } = writeGraph(graph);

test.each([
  ['a block that was cut', { json, bin: bin.subarray(0, bin.length - 8) }],
  ['text that is not JSON', { json: json.slice(1), bin }],
  ['another version', { json: json.replace('"version": 1', '"version": 2'), bin }],
  ['no nodes', { json: json.replace('"nodes"', '"sedon"'), bin }],
  ['a node of no known kind', { json: json.replace('"softmax"', '"hardmax"'), bin }],
  ['an activation of no known name', { json: json.replace('"relu6"', '"relu7"'), bin }],
  ['a leaky ReLU that does not leak', { json: json.replace('"alpha": 0.2', '"alpha": 1'), bin }],
  ['an array that is missing', { json: json.replace('"c_bn/mean"', '"c_bn/median"'), bin }],
  ['a node that does not fit', { json: json.replace('"inputs": 2', '"inputs": 3'), bin }],
])('%s is refused', (_, file) => {
  expect(() => readGraph(file)).toThrow(expect.objectContaining({ code: 'E604' }));
});

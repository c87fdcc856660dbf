import type { Graph } from './graph';
import { foldBatchNorm } from './fold-batch-norm';
import { printGraph } from './print-graph';

const GRAPH: Graph = {
  name: 'tiny',
  input: { channels: 1, height: 4, width: 4, encoding: { scale: 1 / 255, offset: -0.5 } },
  nodes: [
    {
      kind: 'convolution',
      name: 'conv',
      inputChannels: 1,
      outputChannels: 2,
      kernel: 1,
      stride: 1,
      weights: Float32Array.of(3, -4),
    },
    {
      kind: 'batchNorm',
      name: 'norm',
      gamma: Float32Array.of(2, 1),
      beta: Float32Array.of(0.5, 0),
      mean: Float32Array.of(1, 0),
      variance: Float32Array.of(3, 0),
      epsilon: 1,
    },
    { kind: 'activation', name: 'conv_relu', activation: 'relu' },
    { kind: 'globalAveragePool', name: 'pool' },
  ],
};

test('a graph prints node by node, arrays by number, ends and digest', () => {
  expect(printGraph(GRAPH).replaceAll(/sha256 \w{12}/g, 'sha256')).toBe(`network tiny
  picture  1×4×4, real = byte · 0.00392157 + -0.5

conv: convolution
  inputChannels   1
  outputChannels  2
  kernel          1
  stride          1
  weights         2 × float32, -4 … 3, sha256

norm: batchNorm
  gamma     2 × float32, 1 … 2, sha256
  beta      2 × float32, 0 … 0.5, sha256
  mean      2 × float32, 0 … 1, sha256
  variance  2 × float32, 0 … 3, sha256
  epsilon   1

conv_relu: activation
  activation  relu

pool: globalAveragePool
`);
});

test('the batch norm that was folded shows in the convolution', () => {
  // gamma / √(variance + epsilon) is 1 for both channels; the bias is beta − mean.
  const text = printGraph(foldBatchNorm(GRAPH));
  expect(text).not.toContain('norm');
  expect(text).toMatch(/weights +2 × float32, -4 … 3, /);
  expect(text).toMatch(/bias +2 × float32, -0.5 … 0, /);
});

test('a change of one bit of a weight changes the text', () => {
  const [first, ...rest] = GRAPH.nodes;
  const changed = { ...first, weights: Float32Array.of(3, -4 + 2 ** -20) };
  expect(printGraph({ ...GRAPH, nodes: [changed, ...rest] as Graph['nodes'] })).not.toBe(printGraph(GRAPH));
});

import { Random } from '@graft/foundation';
import fc from 'fast-check';

import { evaluate } from './evaluate';
import { foldBatchNorm } from './fold-batch-norm';
import type { BatchNormNode, ConvolutionNode, DepthwiseNode, Graph, GraphNode } from './graph';
import { graphShapes } from './graph-shapes';

const input = (channels: number, height: number, width: number) =>
  ({ channels, height, width, encoding: { scale: 1, offset: 0 } }) as const;

function draw(random: Random, length: number): Float32Array {
  return Float32Array.from({ length }, () => random.between(-1, 1));
}

/** The definition, one product at a time, in double precision. */
function convolve(
  picture: ArrayLike<number>,
  { height, width }: { height: number; width: number },
  node: ConvolutionNode | DepthwiseNode,
) {
  const depthwise = node.kind === 'depthwise';
  const [inputs, outputs] = depthwise ? [node.channels, node.channels] : [node.inputChannels, node.outputChannels];
  const kernel = depthwise ? 3 : node.kernel;
  const border = kernel === 3 ? 1 : 0;
  const result: number[] = [];
  for (let o = 0; o < outputs; o++)
    for (let y = 0; y < height; y += node.stride)
      for (let x = 0; x < width; x += node.stride) {
        let sum = node.bias?.[o] ?? 0;
        for (let i = depthwise ? o : 0; i < (depthwise ? o + 1 : inputs); i++)
          for (let ky = 0; ky < kernel; ky++)
            for (let kx = 0; kx < kernel; kx++) {
              const [row, column] = [y + ky - border, x + kx - border];
              if (row < 0 || column < 0 || row >= height || column >= width) continue;
              const weight = node.weights[((depthwise ? o : o * inputs + i) * kernel + ky) * kernel + kx];
              sum += weight * picture[(i * height + row) * width + column];
            }
        result.push(sum);
      }
  return result;
}

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, at) =>
    expect(Math.abs(actual[at] - value)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value))),
  );
}

const cases = fc.record({
  seed: fc.nat(),
  inputs: fc.integer({ min: 1, max: 9 }),
  outputs: fc.integer({ min: 1, max: 6 }),
  height: fc.integer({ min: 1, max: 5 }).map((half) => 2 * half),
  width: fc.integer({ min: 1, max: 5 }).map((half) => 2 * half),
  kernel: fc.constantFrom(1 as const, 3 as const),
  stride: fc.constantFrom(1 as const, 2 as const),
  biased: fc.boolean(),
});

test('convolutions compute what their definition says', () => {
  fc.assert(
    fc.property(cases, ({ seed, inputs, outputs, height, width, kernel, stride, biased }) => {
      const random = Random.of(seed);
      const picture = Uint8Array.from({ length: inputs * height * width }, () => random.integer(256));
      const bias = biased ? { bias: draw(random, outputs) } : {};
      const weights = draw(random, outputs * inputs * kernel ** 2);
      const full = {
        kind: 'convolution',
        name: 'c',
        inputChannels: inputs,
        outputChannels: outputs,
        kernel,
        stride,
        weights,
        ...bias,
      } as const;
      const own = {
        kind: 'depthwise',
        name: 'd',
        channels: inputs,
        stride,
        weights: draw(random, inputs * 9),
      } as const;
      for (const node of [full, own]) {
        const graph = { name: 'one', input: input(inputs, height, width), nodes: [node] };
        expectClose(evaluate(graph, picture), convolve(picture, { height, width }, node));
      }
    }),
  );
});

test('stride 2 keeps the pixels (2i, 2j)', () => {
  const identity = {
    kind: 'convolution',
    name: 'c',
    inputChannels: 1,
    outputChannels: 1,
    kernel: 1,
    stride: 2,
    weights: Float32Array.of(1),
  } as const;
  const graph: Graph = { name: 'keep', input: input(1, 2, 4), nodes: [identity] };
  expect([...evaluate(graph, Uint8Array.of(10, 11, 12, 13, 20, 21, 22, 23))]).toEqual([10, 12]);
});

function tail(nodes: readonly GraphNode[]): Graph {
  return { name: 'tail', input: { channels: 2, height: 1, width: 2, encoding: { scale: 0.5, offset: -1 } }, nodes };
}

test('bytes are decoded by scale and offset, means are taken per channel', () => {
  // 4 · 0.5 − 1 = 1 and 8 · 0.5 − 1 = 3; 0 and 2 give −1 and 0.
  const pooled = evaluate(tail([{ kind: 'globalAveragePool', name: 'pool' }]), Uint8Array.of(4, 8, 0, 2));
  expect([...pooled]).toEqual([2, -0.5]);
});

test('means and maxima: those of all channels, one kind after the other', () => {
  const nodes = [{ kind: 'globalAverageMaxPool', name: 'pool' }] as const;
  // As above; the larger ones are 3 and 0.
  expect([...evaluate(tail(nodes), Uint8Array.of(4, 8, 0, 2))]).toEqual([2, -0.5, 3, 0]);
  expect(graphShapes(tail(nodes))).toEqual([{ channels: 4, height: 1, width: 1 }]);
});

test('a dense layer and softmax give probabilities that add up to 1', () => {
  const dense = {
    kind: 'dense',
    name: 'd',
    inputs: 2,
    units: 2,
    weights: Float32Array.of(1, 0, 0, 2),
    bias: Float32Array.of(1000, 1000),
  } as const;
  const nodes = [{ kind: 'globalAveragePool', name: 'pool' }, dense, { kind: 'softmax', name: 's' }] as const;
  // Scores 1002 and 999: e³ : 1.
  const [first, second] = evaluate(tail(nodes), Uint8Array.of(4, 8, 0, 2));
  expect(first).toBeCloseTo(Math.exp(3) / (1 + Math.exp(3)), 5);
  expect(first + second).toBeCloseTo(1, 6);
});

test.each([
  ['linear', [-2, 7]],
  ['relu', [0, 7]],
  ['relu6', [0, 6]],
  // 1 / (1 + e²) and 1 / (1 + e⁻⁷); (1 − e⁴) / (1 + e⁴) and (e¹⁴ − 1) / (e¹⁴ + 1)
  ['sigmoid', [0.119203, 0.999089]],
  ['tanh', [-0.964028, 0.999998]],
  // −2 · 1 / 6 and 7 · 6 / 6
  ['hard_swish', [-0.333333, 7]],
  [{ kind: 'leaky_relu', alpha: 0.25 }, [-0.5, 7]],
] as const)('%j does what its name says', (activation, expected) => {
  const graph: Graph = {
    name: 'a',
    input: { ...input(1, 1, 2), encoding: { scale: 9, offset: -2 } },
    nodes: [{ kind: 'activation', name: 'a', activation }],
  };
  const answers = [...evaluate(graph, Uint8Array.of(0, 1))];
  expect(answers).toEqual(expected.map((value) => expect.closeTo(value, 6)));
});

test('an observer sees every node with its shape', () => {
  const seen: string[] = [];
  evaluate(tail([{ kind: 'globalAveragePool', name: 'pool' }]), new Uint8Array(4), (node, values, shape) =>
    seen.push(`${node.name} ${values.length} ${shape.channels}×${shape.height}×${shape.width}`),
  );
  expect(seen).toEqual(['pool 2 2×1×1']);
});

test('folding batch norms changes nothing but the last bits', () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), (seed, biased) => {
      const random = Random.of(seed);
      const norm = (name: string): BatchNormNode => ({
        kind: 'batchNorm',
        name,
        gamma: draw(random, 3),
        beta: draw(random, 3),
        mean: draw(random, 3),
        variance: draw(random, 3).map(Math.abs),
        epsilon: 0.001,
      });
      const nodes: GraphNode[] = [
        {
          kind: 'convolution',
          name: 'c',
          inputChannels: 2,
          outputChannels: 3,
          kernel: 3,
          stride: 1,
          weights: draw(random, 54),
          ...(biased ? { bias: draw(random, 3) } : {}),
        },
        norm('c_bn'),
        { kind: 'activation', name: 'c_relu', activation: 'relu6' },
        { kind: 'depthwise', name: 'd', channels: 3, stride: 2, weights: draw(random, 27) },
        norm('d_bn'),
      ];
      const graph: Graph = {
        name: 'n',
        input: { ...input(2, 4, 4), encoding: { scale: 1 / 127.5, offset: -1 } },
        nodes,
      };
      const picture = Uint8Array.from({ length: 32 }, () => random.integer(256));
      const folded = foldBatchNorm(graph);
      expect(folded.nodes.map((node) => node.kind)).toEqual(['convolution', 'activation', 'depthwise']);
      const expected = evaluate(graph, picture);
      const most = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
      evaluate(folded, picture).forEach((value, at) =>
        expect(Math.abs(value - expected[at]) / most).toBeLessThan(1e-5),
      );
    }),
  );
});

test('a batch norm without a convolution before it stays', () => {
  const one = Float32Array.of(1);
  const norm = { kind: 'batchNorm', name: 'bn', gamma: one, beta: one, mean: one, variance: one, epsilon: 0 } as const;
  const graph: Graph = { name: 'bn', input: input(1, 1, 1), nodes: [norm] };
  expect(foldBatchNorm(graph)).toEqual(graph);
  expect([...evaluate(graph, Uint8Array.of(5))]).toEqual([5]);
});

import type { StageEvent } from '@graft/foundation';
import { Random } from '@graft/foundation';
import type { Activation, Graph, GraphNode } from '@graft/model';
import { activationName, evaluate } from '@graft/model';

import { dequantize, quantizeValues } from './byte-values';
import { evaluateQuantized } from './evaluate-quantized';
import { quantizeDense } from './quantize-dense';
import type { FloatDense } from './quantize-dense';
import { quantizeGraph } from './quantize-graph';
import type { QuantizeOptions } from './quantize-graph';
import type { QuantizedDense, QuantizedGraph } from './quantized-graph';
import { readQuantizedGraph, writeQuantizedGraph } from './quantized-graph-file';
import { optionsWith, randomGraph, randomPictures } from './random-graph.fixture';
import { runTail } from './run-tail';

jest.setTimeout(60_000);

const pictures = randomPictures(1, 72);

/** The convolutions of the random graph with another head; `change` may alter a weight or a bias of its hidden layers. */
function withHead(seed: number, hidden: readonly [units: number, Activation][], change = (node: GraphNode) => node) {
  const graph = randomGraph(seed);
  const random = Random.of(seed, 'head');
  const draw = (count: number, deviation: number) => new Float32Array(count).map(() => deviation * random.normal());
  const pool = graph.nodes.findIndex(({ kind }) => kind === 'globalAveragePool');
  let inputs = 24;
  const dense = (name: string, units: number): GraphNode => {
    const weights = draw(inputs * units, Math.sqrt(2 / inputs));
    const node: GraphNode = { kind: 'dense', name, inputs, units, weights, bias: draw(units, 0.1) };
    inputs = units;
    return change(node);
  };
  const head = hidden.flatMap(([units, activation], index): GraphNode[] => [
    dense(`hidden_${index}`, units),
    { kind: 'activation', name: `hidden_${index}_${activationName(activation)}`, activation },
  ]);
  const nodes = [...graph.nodes.slice(0, pool + 1), ...head, dense('scores', 3)];
  return { ...graph, nodes: [...nodes, { kind: 'softmax', name: 'softmax' }] } satisfies Graph;
}

const onKpu = (layers: number, changes: Partial<QuantizeOptions> = {}) =>
  optionsWith(pictures, { denseOnKpu: { layers, mayFallBack: false }, ...changes });

function runOf({ tail }: QuantizedGraph): QuantizedDense {
  const run = tail.find((node) => node.kind === 'quantizedDense');
  if (run === undefined) throw new Error('no dense layer is in bytes');
  return run;
}

const HEADS: readonly [string, readonly [number, Activation][]][] = [
  ['ReLU', [[16, 'relu']]],
  ['ReLU6, then linear', [[20, 'relu6'], [10, 'linear']]], // prettier-ignore
  ['tanh, then leaky ReLU', [[16, 'tanh'], [12, { kind: 'leaky_relu', alpha: 0.2 }]]], // prettier-ignore
  ['sigmoid, then hard swish', [[12, 'sigmoid'], [12, 'hard_swish']]], // prettier-ignore
];

test.each(HEADS)('hidden layers in bytes answer nearly like the float graph: %s', async (_, hidden) => {
  const graph = withHead(2, hidden);
  const { graph: quantized, layers, dense } = await quantizeGraph(graph, onKpu(hidden.length));
  expect(quantized.tail.map(({ kind }) => kind)).toEqual(['globalAveragePool', 'quantizedDense', 'dense', 'softmax']);
  expect(runOf(quantized).layers.map(({ name }) => name)).toEqual(hidden.map((__, index) => `hidden_${index}`));
  expect(dense?.layers).toEqual(runOf(quantized).layers.map(({ name }) => name));
  expect(dense).toMatchObject({ chosen: 'kpu', losesTooMuch: false, pictures: 8 });
  const statistics = layers.filter(({ kind }) => kind === 'dense');
  expect(statistics).toHaveLength(hidden.length);
  for (const { snrDb } of statistics) expect(snrDb).toBeGreaterThan(25);
  for (const picture of randomPictures(99, 3)) {
    const expected = evaluate(graph, picture);
    evaluateQuantized(quantized, picture).forEach((score, index) =>
      expect(Math.abs(score - expected[index])).toBeLessThan(0.05),
    );
  }
});

test('the layer over the classes goes along when it is asked for', async () => {
  const { graph: quantized } = await quantizeGraph(randomGraph(3), onKpu(2));
  expect(quantized.tail.map(({ kind }) => kind)).toEqual(['globalAveragePool', 'quantizedDense', 'softmax']);
  expect(runOf(quantized).layers).toHaveLength(2);
});

test('the convolutions are those of the network with a float head', async () => {
  const [plain, inBytes] = await Promise.all([
    quantizeGraph(randomGraph(4), optionsWith(pictures)),
    quantizeGraph(randomGraph(4), onKpu(1)),
  ]);
  expect(inBytes.graph.convolutions).toEqual(plain.graph.convolutions);
  expect(plain.dense).toBeNull();
});

test('the method auto keeps its recipe for the dense layers', async () => {
  const { candidates, dense, graph } = await quantizeGraph(randomGraph(4), onKpu(1, { method: 'auto' }));
  expect(candidates.filter(({ chosen }) => chosen)).toHaveLength(1);
  expect(dense?.chosen).toBe('kpu');
  expect(runOf(graph).layers[0].input.zeroPoint).toBe(0);
});

describe('a head that bytes cannot hold', () => {
  // A constant of 3000 in the first hidden layer: a step of its bytes is 12, and what tells the classes apart is below 5.
  const lopsided = withHead(5, [[16, 'relu']], (node) =>
    node.kind !== 'dense'
      ? node
      : node.name === 'hidden_0'
        ? { ...node, bias: node.bias.with(0, 3000) }
        : { ...node, weights: node.weights.map((weight, index) => (index % 16 === 0 ? 0 : weight)) },
  );

  test('stays float where it may', async () => {
    const events: StageEvent[] = [];
    const report = (event: StageEvent) => events.push(event);
    const options = onKpu(1, { report, denseOnKpu: { layers: 1, mayFallBack: true } });
    const { graph, dense, layers } = await quantizeGraph(lopsided, options);
    expect(dense).toMatchObject({ chosen: 'cpu', losesTooMuch: true });
    expect(dense?.difference).toBeGreaterThan(0.1);
    expect(graph).toEqual((await quantizeGraph(lopsided, optionsWith(pictures))).graph);
    expect(layers.some(({ kind }) => kind === 'dense')).toBe(false);
    const [warning, ...others] = events.filter(({ type }) => type === 'warning');
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'W320', message: expect.stringContaining('stay float32 on the CPU') });
  });

  test('stays on the KPU with a warning where it must', async () => {
    const events: StageEvent[] = [];
    const { graph, dense } = await quantizeGraph(lopsided, onKpu(1, { report: (event) => events.push(event) }));
    expect(dense).toMatchObject({ chosen: 'kpu', losesTooMuch: true });
    expect(runOf(graph).layers).toHaveLength(1);
    expect(events).toContainEqual(
      expect.objectContaining({ code: 'W320', message: expect.stringContaining('quantize.dense') }),
    );
  });
});

describe('biases', () => {
  const random = Random.of(6, 'vectors');
  const vectors = Array.from({ length: 40 }, () => new Float32Array(64).map(() => 3 * random.uniform()));
  const draw = (count: number) => new Float32Array(count).map(() => random.normal());
  const node: FloatDense = {
    kind: 'dense',
    name: 'dense',
    inputs: 64,
    units: 32,
    weights: draw(64 * 32),
    bias: draw(32),
    activation: 'linear',
  };
  const recipe = { method: 'minmax', percentile: 99, roundingSearch: false, channelScales: false } as const;
  const measured = { calibration: vectors, float: vectors.slice(0, 4), device: vectors.slice(0, 4) };

  /** Largest mean error of a unit over all vectors, in output steps. */
  function bias(biasCorrection: boolean): number {
    const run = quantizeDense('run', [node], measured, { ...recipe, biasCorrection }).node;
    const sums = new Float64Array(node.units);
    for (const values of vectors) {
      const expected = runTail([node], values, values.length);
      runTail([run], values, values.length).forEach((value, unit) => (sums[unit] += value - expected[unit]));
    }
    return Math.max(...sums.map((sum) => Math.abs(sum) / vectors.length / run.layers[0].output.scale));
  }

  test('take back what rounded weights do to the means', () => {
    // What is left is chance: an output is rounded by up to half a step, forty times.
    expect(bias(true)).toBeLessThan(0.2);
    expect(bias(false)).toBeGreaterThan(2 * bias(true));
  });
});

test('a run in bytes gives what was worked out by hand', () => {
  const run: QuantizedDense = {
    kind: 'quantizedDense',
    name: 'run',
    layers: [
      {
        kind: 'convolution',
        name: 'only',
        kernel: 1,
        stride: 1,
        input: { channels: 2, height: 1, width: 1, scale: 0.5, zeroPoint: 4 },
        output: { channels: 2, height: 1, width: 1, scale: 2, zeroPoint: 10 },
        weights: Uint8Array.of(129, 130, 127, 128),
        weightZeroPoint: 128,
        weightScales: Float64Array.of(1, 2),
        bias: Float64Array.of(0, 3),
        activation: 'linear',
      },
    ],
  };
  // 1.25 → byte 6.5 → 7, real 1.5; −1 → byte 2, real −1. Units: 1.5 − 2 = −0.5 → byte 9.75 → 10; −2 · 1.5 + 3 = 0 → 10.
  expect([...runTail([run], Float32Array.of(1.25, -1), 2)]).toEqual([0, 0]);
  // 8 → byte 20, real 8; 4 → byte 12, real 4. 8 + 2 · 4 = 16 → byte 18 → 16; −16 + 3 = −13 → byte 3.5 → 4 → −12.
  expect([...runTail([run], Float32Array.of(8, 4), 2)]).toEqual([16, -12]);
});

test('values go to the nearest byte, and no further than 0 and 255', () => {
  const encoding = { scale: 0.25, zeroPoint: 16 };
  const values = Float32Array.of(-100, -4, -3.9, 0, 0.125, 0.124, 59.75, 1e9, Number.NaN);
  expect([...quantizeValues(values, encoding)]).toEqual([0, 0, 0, 16, 17, 16, 255, 255, 0]);
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(quantizeValues(dequantize(bytes, encoding), encoding)).toEqual(bytes);
});

test('a file with dense layers in bytes reads back equal; one without a layer in the run is E330', async () => {
  const { graph } = await quantizeGraph(withHead(7, [[8, 'tanh'], [6, 'relu']]), onKpu(2)); // prettier-ignore
  const file = writeQuantizedGraph(graph);
  expect(readQuantizedGraph(file)).toEqual(graph);
  const empty = { ...graph, tail: graph.tail.map((node) => ('layers' in node ? { ...node, layers: [] } : node)) };
  expect(() => readQuantizedGraph(writeQuantizedGraph(empty))).toThrow(expect.objectContaining({ code: 'E330' }));
});

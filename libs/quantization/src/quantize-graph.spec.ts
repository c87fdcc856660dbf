import type { StageEvent } from '@graft/foundation';
import type { Graph, GraphNode } from '@graft/model';
import { evaluate } from '@graft/model';

import { evaluateQuantized } from './evaluate-quantized';
import { printLayerStatistics } from './print-layer-statistics';
import { quantizeGraph } from './quantize-graph';
import type { Quantized } from './quantize-layers';
import { readQuantizedGraph, writeQuantizedGraph } from './quantized-graph-file';
import { MOBILE, optionsWith, randomGraph, randomPictures } from './random-graph.fixture';

const pictures = randomPictures(1, 12);
const graph = randomGraph(1);

function withNodes(nodes: readonly GraphNode[], encoding = graph.input.encoding): Graph {
  return { ...graph, input: { ...graph.input, encoding }, nodes };
}

describe('the quantized graph', () => {
  test('takes the picture as it is: byte 127.5 is real 0 for pictures in −1 … 1', async () => {
    const { graph: quantized } = await quantizeGraph(graph, optionsWith(pictures));
    expect(quantized.input).toEqual({ channels: 3, height: 16, width: 16, scale: 1 / 127.5, zeroPoint: 127.5 });
    expect(quantized.convolutions[0].input).toEqual(quantized.input);
  });

  test('has zero point 0 for pictures in 0 … 1', async () => {
    const zeroToOne = withNodes(graph.nodes, { scale: 1 / 255, offset: 0 });
    const { graph: quantized } = await quantizeGraph(zeroToOne, optionsWith(pictures));
    expect(quantized.input.zeroPoint).toBe(0);
  });

  test('is a chain: each convolution reads what the one before it gives', async () => {
    const { convolutions } = (await quantizeGraph(graph, optionsWith(pictures))).graph;
    convolutions.slice(1).forEach((layer, index) => expect(layer.input).toEqual(convolutions[index].output));
    expect(convolutions.map(({ activation }) => activation)).toEqual(MOBILE.map(([, , , , activation]) => activation));
  });

  test('keeps the tail in real numbers with its activations attached', async () => {
    const { tail } = (await quantizeGraph(graph, optionsWith(pictures))).graph;
    expect(tail.map((node) => ('activation' in node ? `${node.kind} ${node.activation}` : node.kind))).toEqual([
      'globalAveragePool',
      'dense relu',
      'dense linear',
      'softmax',
    ]);
  });

  test('is the same, byte for byte, for the same inputs', async () => {
    const runs = await Promise.all([1, 2].map(() => quantizeGraph(graph, optionsWith(pictures))));
    const [first, second] = runs.map((run) => writeQuantizedGraph(run.graph));
    expect(first).toEqual(second);
  });

  test.each([1, 2, 3, 4])('answers nearly like the float graph (seed %i)', async (seed) => {
    const random = randomGraph(seed, [...MOBILE, ['convolution', 12, 3, 1, 'relu'], ['convolution', 8, 1, 1, null]]);
    const { graph: quantized } = await quantizeGraph(random, optionsWith(pictures));
    for (const picture of randomPictures(99, 3)) {
      const expected = evaluate(random, picture);
      evaluateQuantized(quantized, picture).forEach((score, index) =>
        expect(Math.abs(score - expected[index])).toBeLessThan(0.05),
      );
    }
  });

  test('keeps linear outputs of both signs', async () => {
    const linear = randomGraph(5, [['convolution', 4, 1, 1, null]]);
    const { graph: quantized, layers } = await quantizeGraph(linear, optionsWith(pictures));
    expect(quantized.convolutions[0].output.zeroPoint).toBeGreaterThan(0);
    expect(layers[0].range.min).toBeLessThan(0);
    expect(layers[0].snrDb).toBeGreaterThan(35);
  });

  test('silences a channel whose weights are all zero and keeps its bias', async () => {
    const [convolution, norm, ...rest] = graph.nodes;
    if (convolution.kind !== 'convolution' || norm.kind !== 'batchNorm') throw new Error('unexpected fixture');
    const gamma = norm.gamma.with(2, 0);
    const beta = norm.beta.with(2, 1.5);
    const dead = withNodes([convolution, { ...norm, gamma, beta }, ...rest]);
    const { graph: quantized, layers } = await quantizeGraph(dead, optionsWith(pictures));
    expect(quantized.convolutions[0].weightScales[2]).toBe(0);
    expect(quantized.convolutions[0].bias[2]).toBeCloseTo(1.5, 6);
    expect(layers[0].weightScales.deadChannels).toBe(1);
    expect(layers[0].weightScales.smallest).toBeGreaterThan(0);
  });
});

describe('bias correction', () => {
  test('brings the answers closer to the float graph', async () => {
    const deep = randomGraph(7, [
      ...MOBILE,
      ...Array.from({ length: 4 }, () => ['depthwise', 24, 3, 1, 'relu6'] as const),
    ]);
    const [corrected, plain] = await Promise.all(
      [true, false].map((biasCorrection) => quantizeGraph(deep, optionsWith(pictures, { biasCorrection }))),
    );
    const last = corrected.layers.length - 1;
    expect(corrected.layers[last].snrDb).toBeGreaterThan(plain.layers[last].snrDb);
    expect(plain.layers.every(({ biasCorrection }) => biasCorrection.largest === 0)).toBe(true);
  });
});

describe('activations with a table', () => {
  const curved = randomGraph(8, [
    ['convolution', 8, 3, 1, 'sigmoid'],
    ['convolution', 8, 1, 1, 'tanh'],
    ['depthwise', 8, 3, 1, { kind: 'leaky_relu', alpha: 0.1 }],
    ['convolution', 8, 1, 1, 'hard_swish'],
    ['convolution', 8, 1, 1, 'relu'],
  ]);

  // Drawing a table takes a part of a second, and several where the machine is busy: once for all tests.
  let corrected: Quantized;
  let plain: Quantized;
  beforeAll(async () => {
    corrected = await quantizeGraph(curved, optionsWith(pictures));
    plain = await quantizeGraph(curved, optionsWith(pictures, { biasCorrection: false }));
  }, 60_000);

  test('are in the graph and in its file, and their error is in the statistics', () => {
    const { graph: quantized, layers } = corrected;
    expect(quantized.convolutions.map(({ table }) => table !== undefined)).toEqual([true, true, true, true, false]);
    expect(layers.map(({ activationError }) => activationError)).toEqual(
      quantized.convolutions.map(({ table }) => table?.error ?? 0.5),
    );
    expect(readQuantizedGraph(writeQuantizedGraph(quantized))).toEqual(quantized);
  });

  test('answer nearly like the float graph', () => {
    const { graph: quantized, layers } = corrected;
    for (const { snrDb } of layers) expect(snrDb).toBeGreaterThan(25);
    for (const picture of randomPictures(99, 3)) {
      const expected = evaluate(curved, picture);
      evaluateQuantized(quantized, picture).forEach((score, index) =>
        expect(Math.abs(score - expected[index])).toBeLessThan(0.05),
      );
    }
  });

  test('have their biases corrected before the activation', () => {
    expect(corrected.layers.every(({ biasCorrection }) => biasCorrection.largest > 0)).toBe(true);
    const mean = (layers: readonly { snrDb: number }[]) => layers.reduce((sum, { snrDb }) => sum + snrDb, 0);
    expect(mean(corrected.layers)).toBeGreaterThan(mean(plain.layers));
  });
});

describe('ranges', () => {
  test('a percentile clips what minmax keeps', async () => {
    const relu = randomGraph(3, [['convolution', 8, 3, 1, 'relu']]);
    const kept = await quantizeGraph(relu, optionsWith(pictures));
    const clipped = await quantizeGraph(relu, optionsWith(pictures, { method: 'percentile', percentile: 99 }));
    expect(kept.layers[0].saturatedShare).toBe(0);
    expect(kept.layers[0].range.max).toBe(kept.layers[0].observed.max);
    expect(clipped.layers[0].range.max).toBeLessThan(kept.layers[0].range.max);
    expect(clipped.layers[0].saturatedShare).toBeGreaterThan(0.005);
    expect(clipped.layers[0].saturatedShare).toBeLessThanOrEqual(0.01);
  });
});

describe('method nncase-0.1', () => {
  test('gives each layer one whole zero point for its weights, and corrects no bias', async () => {
    const { graph: quantized, layers } = await quantizeGraph(graph, optionsWith(pictures, { method: 'nncase-0.1' }));
    const zeroPoints = quantized.convolutions.map(({ weightZeroPoint }) => weightZeroPoint);
    expect(zeroPoints.every((zeroPoint) => Number.isInteger(zeroPoint))).toBe(true);
    expect(new Set(zeroPoints).size).toBeGreaterThan(1);
    expect(layers.every(({ biasCorrection }) => biasCorrection.largest === 0)).toBe(true);
  });

  test('loses more than symmetric weights with corrected biases do', async () => {
    const last = async (method: 'minmax' | 'nncase-0.1') => {
      const { layers } = await quantizeGraph(graph, optionsWith(pictures, { method }));
      return layers[layers.length - 1].snrDb;
    };
    expect(await last('minmax')).toBeGreaterThan(await last('nncase-0.1'));
  });
});

test('the work reports its progress to the end', async () => {
  const events: StageEvent[] = [];
  await quantizeGraph(graph, optionsWith(pictures, { report: (event) => events.push(event) }));
  const ends = events.filter((event) => event.type === 'progress' && event.done === event.total);
  expect(ends).toEqual([
    { type: 'progress', task: 'measuring ranges', done: 12, total: 12, unit: 'picture' },
    { type: 'progress', task: 'quantizing layers', done: 5, total: 5, unit: 'layer' },
  ]);
});

test('an abort ends the work with its reason', async () => {
  const controller = new AbortController();
  const report = () => controller.abort(new Error('enough'));
  await expect(quantizeGraph(graph, optionsWith(pictures, { report, signal: controller.signal }))).rejects.toThrow(
    'enough',
  );
});

test('the statistics print as a table with a line per layer', async () => {
  const { layers } = await quantizeGraph(graph, optionsWith(pictures));
  const lines = printLayerStatistics(layers).trimEnd().split('\n');
  expect(lines).toHaveLength(layers.length + 1);
  expect(lines[1]).toMatch(/^layer_0 +0\.000 … [\d.]+ +0\.000 % .* dB$/);
});

describe('what cannot be quantized', () => {
  const [convolution] = graph.nodes;
  const pool: GraphNode = { kind: 'globalAveragePool', name: 'pool' };
  const softmax: GraphNode = { kind: 'softmax', name: 'softmax' };
  const dense: GraphNode = {
    kind: 'dense',
    name: 'd',
    inputs: 5,
    units: 2,
    weights: new Float32Array(10),
    bias: new Float32Array(2),
  };
  const cases: readonly [string, readonly GraphNode[]][] = [
    ['no convolution in front', [pool, softmax]],
    ['an empty network', []],
    ['a convolution after the pool', [convolution, pool, convolution]],
    ['dense before the pool', [convolution, dense]],
    ['a dense layer of another width', [convolution, pool, dense]],
    ['something after the softmax', [convolution, pool, softmax, softmax]],
    [
      'two activations',
      [convolution, ...['a', 'b'].map((name) => ({ kind: 'activation', activation: 'relu', name }) as const)],
    ],
    ['missing weights', [{ ...convolution, weights: new Float32Array(3) } as GraphNode]],
    ['another number of channels', [{ ...convolution, inputChannels: 4 } as GraphNode]],
  ];

  test.each(cases)('%s is E320', async (_, nodes) => {
    await expect(quantizeGraph(withNodes(nodes), optionsWith(pictures))).rejects.toMatchObject({ code: 'E320' });
  });

  test('stride 2 on an odd size is E320', async () => {
    const odd = { ...graph, input: { ...graph.input, height: 15 } };
    const calibration = [new Uint8Array(3 * 15 * 16)];
    await expect(quantizeGraph(odd, optionsWith(calibration))).rejects.toMatchObject({ code: 'E320' });
  });

  test('no calibration picture is E321, one of another size E322', async () => {
    await expect(quantizeGraph(graph, optionsWith([]))).rejects.toMatchObject({ code: 'E321' });
    await expect(quantizeGraph(graph, optionsWith([pictures[0], new Uint8Array(7)]))).rejects.toMatchObject({
      code: 'E322',
      message: expect.stringContaining('picture 1 has 7 bytes'),
    });
  });

  test('weights that are not finite are E323', async () => {
    const broken = withNodes([{ ...convolution, weights: new Float32Array(8 * 27).fill(Number.NaN) } as GraphNode]);
    await expect(quantizeGraph(broken, optionsWith(pictures))).rejects.toMatchObject({ code: 'E323' });
  });

  test('a percentile that keeps half or less is E324', async () => {
    const options = optionsWith(pictures, { method: 'percentile', percentile: 50 });
    await expect(quantizeGraph(graph, options)).rejects.toMatchObject({ code: 'E324' });
  });

  test('an input encoding without a step is E325, one without real 0 E326', async () => {
    const flat = withNodes(graph.nodes, { scale: 0, offset: 0 });
    await expect(quantizeGraph(flat, optionsWith(pictures))).rejects.toMatchObject({ code: 'E325' });
    const above = withNodes(graph.nodes, { scale: 1, offset: 20 });
    await expect(quantizeGraph(above, optionsWith(pictures))).rejects.toMatchObject({ code: 'E326' });
  });
});

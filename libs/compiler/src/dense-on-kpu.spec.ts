import fc from 'fast-check';

import { Random } from '@graft/foundation';
import type { KModelLayer } from '@graft/kmodel';
import { readKModel, validateKModel, writeKModel } from '@graft/kmodel';
import type { QuantizedConvolution, QuantizedGraph, TailNode } from '@graft/quantization';
import { dequantize, evaluateQuantized, quantizeValues } from '@graft/quantization';
import { loadSimulator } from '@graft/simulator';

import { compile } from './compile';
import type { KpuLayer } from './kpu-program';
import { kpuLayersOf } from './kpu-program';
import { memoryOverLayers } from './memory-over-layers';
import { randomBytes, randomQuantizedLayers } from './random-quantized-layers.fixture';

jest.setTimeout(120_000);

const PICTURE = { channels: 3, height: 4, width: 4 };

/** A convolution to `widths[0]` channels, their means, dense layers in bytes of these widths, a float one, softmax. */
function denseGraph(seed: number, widths: readonly number[], classes = 3): QuantizedGraph {
  const [channels, ...units] = widths;
  const outline = (outputs: number) => ({ kind: 'convolution', outputs, kernel: 1, stride: 1 }) as const;
  const front = randomQuantizedLayers(seed, PICTURE, [outline(channels)]);
  const dense = randomQuantizedLayers(seed + 1, { channels, height: 1, width: 1 }, units.map(outline)).convolutions;
  const layers = dense.map((layer, index) => ({ ...layer, name: `dense_${index}` }));
  const tail: TailNode[] = [
    { kind: 'globalAveragePool', name: 'pool' },
    { kind: 'quantizedDense', name: 'kpu_dense', layers },
    ...(classes === 0 ? [] : floatEnd(seed, units[units.length - 1], classes)),
  ];
  return { ...front, tail };
}

function floatEnd(seed: number, inputs: number, units: number): TailNode[] {
  const random = Random.of(seed, 'scores');
  const draw = (count: number) => new Float32Array(count).map(() => random.normal());
  const weights = draw(inputs * units);
  return [
    { kind: 'dense', name: 'scores', inputs, units, weights, bias: draw(units), activation: 'linear' },
    { kind: 'softmax', name: 'softmax' },
  ];
}

interface Ran {
  readonly file: Uint8Array;
  readonly dense: readonly KpuLayer[];
  /** Of every layer of the file. */
  readonly outputs: readonly { readonly kind: KModelLayer['kind']; readonly values: Uint8Array | Float32Array }[];
}

function ran(graph: QuantizedGraph, picture: Uint8Array, rounding: 'A' | 'B' = 'A'): Ran {
  let dense: readonly KpuLayer[] = [];
  const { model } = compile(graph, (_, program) => (dense = kpuLayersOf(program).slice(program.layers.length)));
  const file = writeKModel(model);
  const outputs: Ran['outputs'][number][] = [];
  loadSimulator(file, { rounding }).run(picture, (_, kind, values) => outputs.push({ kind, values: values.slice() }));
  return { file, dense, outputs };
}

/** The vector in left-top pixels. */
function pixelsOf(maps: Uint8Array | Float32Array): Uint8Array {
  return Uint8Array.from({ length: maps.length / 16 }, (_, channel) => maps[16 * channel]);
}

/** One output of a layer, from the numbers that go into the file: whole numbers only, of any size. */
function byteOf({ weights, arithmetic }: KpuLayer, input: Uint8Array, unit: number): number {
  if (arithmetic === undefined) throw new Error('not worked out');
  const { argX, shiftX, argW, shiftW, argAdd, batchNorm, activation } = arithmetic;
  let [products, inputs, weightSum] = [0n, 0n, 0n];
  input.forEach((byte, index) => {
    const weight = BigInt(weights[unit * input.length + index]);
    products += weight * BigInt(byte);
    inputs += BigInt(byte);
    weightSum += weight;
  });
  const sum =
    products +
    ((BigInt(argX) * inputs) >> BigInt(shiftX)) +
    ((BigInt(argW) * weightSum) >> BigInt(shiftW)) +
    BigInt(argAdd) * BigInt(input.length);
  const { multiplier, shift, add } = batchNorm[unit];
  const normed = ((sum * BigInt(multiplier)) >> BigInt(shift)) + BigInt(add);
  const piece = activation.filter(({ start }) => BigInt(start) <= normed).at(-1);
  if (piece === undefined) throw new Error('below the table');
  const scaled = (normed - BigInt(piece.start)) * BigInt(piece.multiplier);
  const rounded = piece.shift === 0 ? scaled : (scaled + (1n << BigInt(piece.shift - 1))) >> BigInt(piece.shift);
  return Math.min(255, Math.max(0, Number(rounded) + piece.bias));
}

/** The same by the evaluator of quantized graphs, which rescales in float64. */
function evaluated(layer: QuantizedConvolution, input: Uint8Array): Uint8Array {
  let output = new Uint8Array();
  const graph = { name: layer.name, input: layer.input, convolutions: [layer], tail: [] };
  evaluateQuantized(graph, input, (_, bytes) => (output = Uint8Array.from(bytes)));
  return output;
}

function layersInBytes({ tail }: QuantizedGraph): readonly QuantizedConvolution[] {
  return tail.flatMap((node) => (node.kind === 'quantizedDense' ? node.layers : []));
}

function expectExact(graph: QuantizedGraph, seed: number): void {
  const picture = randomBytes(seed, 48);
  const { file, dense, outputs } = ran(graph, picture);
  expect(validateKModel(file).filter(({ severity }) => severity === 'error')).toEqual([]);
  const layers = layersInBytes(graph);
  expect(dense.map(({ name }) => name)).toEqual(layers.map(({ name }) => name));

  // Convolution, dequantize, mean, then the run.
  const from = outputs.findIndex(({ kind }) => kind === 'quantize');
  let bytes: Uint8Array = quantizeValues(Float32Array.from(outputs[from - 1].values), layers[0].input);
  expect(outputs[from].values).toEqual(bytes);
  const end = outputs.findIndex(({ kind }) => kind === 'removePadding');
  let at = from + 2;
  layers.forEach((layer, index) => {
    // A wide layer is several runs, of which each makes the next of its channels.
    const made: number[] = [];
    while (made.length < layer.output.channels) made.push(...pixelsOf(outputs[at++].values));
    expect(made).toEqual(Array.from({ length: layer.output.channels }, (_, unit) => byteOf(dense[index], bytes, unit)));
    evaluated(layer, bytes).forEach((byte, unit) => expect(Math.abs(byte - made[unit])).toBeLessThanOrEqual(1));
    bytes = Uint8Array.from(made);
  });
  expect(at).toBe(end);
  expect(outputs[end].values).toEqual(bytes);
  expect(outputs[end + 1].values).toEqual(dequantize(bytes, layers[layers.length - 1].output));

  const rest = graph.tail.slice(graph.tail.findIndex(({ kind }) => kind === 'quantizedDense') + 1);
  const input = { ...layers[layers.length - 1].output, height: 1, width: 1 };
  const answer = evaluateQuantized({ name: 'rest', input, convolutions: [], tail: rest }, bytes);
  expect(outputs[outputs.length - 1].values).toEqual(answer);

  const otherRounding = ran(graph, picture, 'B').outputs;
  expect(otherRounding.map(({ values }) => values)).toEqual(outputs.map(({ values }) => values));
}

test('random stacks are simulated as their integers say, within a step of the quantized graph, and end in the same floats', () => {
  const width = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(
      fc.nat({ max: 1e6 }),
      fc.array(width, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 0, max: 5 }),
      (seed, widths, classes) => expectExact(denseGraph(seed, widths, classes), seed),
    ),
    { numRuns: 40 },
  );
});

test.each([
  ['the widest that one run can take and make', [1024, 1024, 7]],
  ['more units than one run can make', [24, 1100]],
  ['a single value all the way', [1, 1, 1]],
])('%s', (_, widths) => expectExact(denseGraph(5, widths), 5));

test('more than 1024 values into a layer are E302, which names it and the way out', () => {
  expect(() => compile(denseGraph(6, [16, 1030, 4]))).toThrow(
    expect.objectContaining({
      code: 'E302',
      message: expect.stringContaining('"dense_1" takes 1030'),
      hint: expect.stringContaining('quantize.dense'),
    }),
  );
});

test('the run lies in KPU RAM by itself, and in main memory as worked out by hand', () => {
  const { plan, model, layers } = compile(denseGraph(7, [24, 20, 10]));
  // 24 channels of 4×4: four a line, so six times four lines.
  expect(plan.denseMaps.map(({ name, line, lines }) => [name, line, lines])).toEqual([
    ['dense_0_add_padding', 0, 24],
    ['dense_0', 32768 - 20, 20],
    ['dense_1', 0, 12],
  ]);
  expect(plan.steps.slice(2)).toEqual([
    'pool',
    'dense_0_quantize',
    'dense_0_add_padding',
    'dense_0',
    'dense_1',
    'dense_1_remove_padding',
    'dense_1_dequantize',
    'scores',
    'softmax',
  ]);
  expect(plan.mainBuffers.slice(2).map(({ name, bytes, firstStep }) => [name, bytes, firstStep])).toEqual([
    ['pool', 96, 2],
    ['dense_0_quantize', 24, 3],
    ['dense_1', 160, 6],
    ['dense_1_remove_padding', 10, 7],
    ['dense_1_dequantize', 40, 8],
    ['scores', 12, 9],
    ['softmax', 12, 10],
  ]);
  expect(layers.map(({ name }) => name)).toEqual(['layer_0', 'dense_0', 'dense_1']);
  expect(model.layers.map(({ kind }) => kind)).toEqual([
    'convolution',
    'dequantize',
    'globalAveragePool',
    'quantize',
    'addPadding',
    'convolution',
    'convolution',
    'removePadding',
    'dequantize',
    'fullyConnected',
    'softmax',
  ]);
});

test('the file reads back equal', () => {
  const { model } = compile(denseGraph(8, [9, 8, 5]));
  expect(readKModel(writeKModel(model))).toEqual(model);
});

test('over the layers, no two blocks of a memory lie over each other', () => {
  const compilation = compile(denseGraph(9, [40, 33, 12]));
  const memory = memoryOverLayers(compilation);
  expect(memory.layers).toHaveLength(compilation.model.layers.length);
  for (const blocks of [memory.kpuMaps, memory.mainBuffers]) {
    blocks.forEach((a, index) =>
      blocks.slice(index + 1).forEach((b) => {
        const together = a.firstLayer <= b.lastLayer && b.firstLayer <= a.lastLayer;
        expect(together && a.start < b.start + b.size && b.start < a.start + a.size).toBe(false);
      }),
    );
  }
});

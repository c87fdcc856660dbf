import { rowLayout } from '@graft/k210';
import { validateKModel, writeKModel } from '@graft/kmodel';
import type { LayerShape } from '@graft/model';
import type { QuantizedGraph } from '@graft/quantization';
import { evaluateQuantized } from '@graft/quantization';
import { loadSimulator } from '@graft/simulator';
import { sizeOf } from '@graft/tensor';
import fc from 'fast-check';

import { compile } from './compile';
import { emit } from './emit';
import type { ChannelRange, KpuLayer, Program } from './kpu-program';
import { networkNeeds } from './network-needs';
import { PASSES, programOf } from './passes';
import type { LayerOutline } from './random-quantized-layers.fixture';
import { randomBytes, randomQuantizedLayers } from './random-quantized-layers.fixture';
import { runsOf } from './split-channels';
import { verify } from './verify';

/** Layers are cut where a list of percentages says; the passes do the rest. */
function compileInParts(graph: QuantizedGraph, cuts: readonly (readonly number[])[]): Program {
  return PASSES.reduce((program, pass) => {
    const next = pass.run(program);
    const layers =
      pass.name === 'split wide layers' ? next.layers.map((layer, at) => inParts(layer, cuts[at] ?? [])) : next.layers;
    verify({ ...next, layers }, pass.name);
    return { ...next, layers };
  }, programOf(graph));
}

/** Cuts at whole lines and units of 8 bytes, as near as can be to percentages of the channels. */
function inParts(layer: KpuLayer, percentages: readonly number[]): KpuLayer {
  if (layer.kind === 'depthwise') return layer;
  const { channels, height, width } = layer.output;
  const { groups } = rowLayout(width);
  const step = [1, 2, 4, 8].find((count) => count % groups === 0 && (count * height * width) % 8 === 0) ?? 8;
  const starts = [0, ...percentages.map((percentage) => Math.floor((percentage * channels) / 100 / step) * step)];
  const firsts = [...new Set(starts)].sort((a, b) => a - b);
  const parts = firsts.map((first, at): ChannelRange => ({ first, count: (firsts[at + 1] ?? channels) - first }));
  return parts.length === 1 ? layer : { ...layer, parts };
}

interface Answer {
  /** Of every layer, all its channels. */
  readonly maps: readonly Uint8Array[];
  readonly real: Float32Array;
}

/** Runs the file of a program; its validator must agree with it. */
function simulate(program: Program, picture: Uint8Array): Answer {
  const file = writeKModel(emit(program));
  expect(validateKModel(file).filter(({ severity }) => severity === 'error')).toEqual([]);
  const outputs: Uint8Array[] = [];
  const [real] = loadSimulator(file).run(picture, (_, kind, output) => {
    if (kind === 'convolution') outputs.push(Uint8Array.from(output));
  });
  const maps = program.layers.map((layer) => Buffer.concat(outputs.splice(0, runsOf(layer).length)));
  return { maps, real };
}

const outline: fc.Arbitrary<LayerOutline> = fc.record({
  kind: fc.constantFrom('convolution' as const, 'convolution' as const, 'depthwise' as const),
  outputs: fc.integer({ min: 1, max: 40 }),
  kernel: fc.constantFrom(1 as const, 3 as const),
  stride: fc.constantFrom(1 as const, 1 as const, 2 as const),
});

const chain = fc.record({
  seed: fc.nat(),
  channels: fc.integer({ min: 1, max: 4 }),
  height: fc.integer({ min: 4, max: 20 }),
  width: fc.integer({ min: 4, max: 72 }),
  outlines: fc.array(outline, { minLength: 1, maxLength: 4 }),
  cuts: fc.array(fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 4 }), {
    minLength: 6,
    maxLength: 6,
  }),
});

test('a layer in parts gives the bytes of the whole layer, in KPU RAM and in main memory', () => {
  let partsSeen = 0;
  fc.assert(
    fc.property(chain, ({ seed, channels, height, width, outlines, cuts }) => {
      // Sizes that halve as often as the chain does, down to 4 and more.
      const halvings = outlines.filter(({ stride }) => stride === 2).length;
      const round = (size: number) => Math.max(4, Math.floor(size / 2 ** halvings)) * 2 ** halvings;
      const input = { channels, height: round(height), width: round(width) };
      const graph = randomQuantizedLayers(seed, input, outlines.map(depthwiseIs3x3));
      const picture = randomBytes(seed, sizeOf(input));
      const parted = compileInParts(graph, cuts);
      partsSeen += parted.layers.reduce((sum, layer) => sum + (layer.parts?.length ?? 0), 0);
      const [whole, split] = [compileInParts(graph, []), parted].map((program) => simulate(program, picture));
      expect(split.maps).toHaveLength(whole.maps.length);
      whole.maps.forEach((map, at) => expect(Buffer.compare(split.maps[at], map)).toBe(0));
      expect(split.real).toEqual(whole.real);
    }),
    { numRuns: 120 },
  );
  expect(partsSeen).toBeGreaterThan(200);
});

const depthwiseIs3x3 = (layer: LayerOutline): LayerOutline =>
  layer.kind === 'depthwise' ? { ...layer, kernel: 3 } : layer;

/** [what, input, layers, runs of each] */
const WIDE: readonly (readonly [string, number, readonly LayerOutline[], readonly number[]])[] = [
  [
    'in the middle, before a depthwise layer',
    4,
    [
      { kind: 'convolution', outputs: 1024, kernel: 1, stride: 1 },
      { kind: 'convolution', outputs: 390, kernel: 3, stride: 1 },
      { kind: 'depthwise', outputs: 390, kernel: 3, stride: 1 },
    ],
    [1, 3, 1],
  ],
  [
    'at the end, halving a map',
    10,
    [
      { kind: 'convolution', outputs: 1000, kernel: 1, stride: 1 },
      { kind: 'convolution', outputs: 203, kernel: 3, stride: 2 },
    ],
    [1, 2],
  ],
  ['at the end, with more than 1024 channels', 6, [{ kind: 'convolution', outputs: 1283, kernel: 3, stride: 1 }], [2]],
];

test.each(WIDE)(
  'the fit check counts a layer of several runs, %s, as the compiler lays it out',
  (_, size, outlines) => {
    const graph = randomQuantizedLayers(1, { channels: 3, height: size, width: size }, outlines);
    const shapes = graph.convolutions.map((layer): LayerShape => ({ ...layer, weights: 0, biases: 0, macs: 0 }));
    const { model, plan } = compile(graph);
    const needs = networkNeeds(shapes);
    expect(needs.violations).toEqual([]);
    expect(needs.layers).toHaveLength(model.layers.length);
    expect(needs.kmodelBytes).toBe(writeKModel(model).length);
    expect(needs.mainMemoryBytes).toBe(plan.mainBytes);
    expect(needs.kpuPeakLines).toBe(plan.kpuPeakLines);
  },
);

test.each(WIDE)('a layer that one run cannot make, %s, agrees with the quantized graph', (_, size, outlines, runs) => {
  const input = { channels: 3, height: size, width: size };
  const graph = randomQuantizedLayers(1, input, outlines);
  const picture = randomBytes(2, sizeOf(input));
  let program = programOf(graph);
  const { layers } = compile(graph, (__, seen) => (program = seen));
  expect(layers.map((layer) => layer.runs)).toEqual(runs);
  const { maps, real } = simulate(program, picture);
  graph.convolutions.forEach((convolution, at) => {
    const alone = { ...graph, input: convolution.input, convolutions: [convolution] };
    let expected = new Uint8Array();
    evaluateQuantized(alone, at === 0 ? picture : maps[at - 1], (___, bytes) => (expected = new Uint8Array(bytes)));
    const distances = expected.map((byte, index) => Math.abs(byte - maps[at][index]));
    // The reference rescales in float64, the chip with 15 to 21 bits: they round over in about one case of 1000.
    expect(Math.max(...distances)).toBeLessThanOrEqual(1);
    expect(distances.filter((distance) => distance > 0).length).toBeLessThanOrEqual(
      Math.max(3, 0.005 * expected.length),
    );
    expect(new Set(expected).size).toBeGreaterThan(100);
  });
  const { scale, zeroPoint } = graph.convolutions[graph.convolutions.length - 1].output;
  expect(real).toHaveLength(maps[maps.length - 1].length);
  real.forEach((value, at) => expect(value).toBeCloseTo((maps[maps.length - 1][at] - zeroPoint) * scale, 4));
});

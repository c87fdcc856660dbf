import type { ActivationSegment, BatchNormEntry } from '@graft/kmodel';

import type { KpuArithmetic, KpuLayer, Program } from './kpu-program';
import { PASSES, programOf } from './passes';
import { quantized, randomGraph } from './random-quantized-graph.fixture';
import { verify } from './verify';

let finished: Program;
beforeAll(async () => {
  const { graph } = await quantized(
    randomGraph(1, {
      layers: [
        ['convolution', 4, 1, 1, 'relu'],
        ['depthwise', 4, 3, 1, 'relu'],
      ],
    }),
  );
  finished = PASSES.reduce((program, pass) => pass.run(program), programOf(graph));
});

function planned(): NonNullable<Program['plan']> {
  if (finished.plan === undefined) throw new Error('not planned');
  return finished.plan;
}

test('a finished program holds every promise', () => {
  expect(() => verify(finished, 'end')).not.toThrow();
});

test('a broken chain names the pass and the layer', () => {
  const [first, second] = finished.layers;
  const broken = { ...finished, layers: [first, { ...second, input: { ...second.input, zeroPoint: 1 } }] };
  expect(() => verify(broken, 'some pass')).toThrow(
    'internal: after pass "some pass", layer_1: its input is not the output before it',
  );
});

describe('a number outside its field is found', () => {
  const segment = (changes: Partial<ActivationSegment>) => (arithmetic: KpuArithmetic) => ({
    activation: arithmetic.activation.map((one, index) => (index === 10 ? { ...one, ...changes } : one)),
  });
  const entry = (changes: Partial<BatchNormEntry>) => (arithmetic: KpuArithmetic) => ({
    batchNorm: arithmetic.batchNorm.map((one) => ({ ...one, ...changes })),
  });
  const proven = (changes: Partial<KpuArithmetic['proven']>) => (arithmetic: KpuArithmetic) => ({
    proven: { ...arithmetic.proven, ...changes },
  });

  test.each<[string, string, (arithmetic: KpuArithmetic) => Partial<KpuArithmetic>]>([
    ['a pad value of 9 bits', 'is no byte', () => ({ padValue: 256 })],
    ['a pad value between two bytes', 'is no byte', () => ({ padValue: 0.5 })],
    ['an argument of 25 bits', 'argument 8388608 >> 0', () => ({ argX: 2 ** 23 })],
    ['a negative argument of 25 bits', 'argument -8388609 >> 0', () => ({ argW: -(2 ** 23) - 1 })],
    ['a shift of an argument by 16', 'argument', () => ({ shiftX: 16 })],
    ['an addition per input of 41 bits', 'argument 549755813888', () => ({ argAdd: 2 ** 39 })],
    ['a multiplier of 23 bits', 'batch norm entry (2097152', entry({ multiplier: 2 ** 21 })],
    ['a shift of a batch norm by 16', 'batch norm entry', entry({ shift: 16 })],
    ['an addition of 33 bits', 'batch norm entry', entry({ add: 2 ** 31 })],
    ['an addition that is a fraction', 'batch norm entry', entry({ add: 0.5 })],
    ['a convolution of 37 bits', 'sums of', proven({ convolution: { low: 0, high: 2 ** 35 } })],
    ['a negative convolution of 37 bits', 'sums of', proven({ convolution: { low: -(2 ** 35) - 1, high: 0 } })],
    ['a batch norm of 37 bits', 'sums of', proven({ batchNorm: { low: 0, high: 2 ** 35 } })],
    ['a segment shifted by 21', 'segment (0, 1023, 21, 0)', segment({ shift: 21 })],
    ['a negative slope', 'segment', segment({ multiplier: -1 })],
    ['a slope of 17 bits', 'segment', segment({ multiplier: 2 ** 15 })],
    ['a bias of 9 bits', 'segment', segment({ bias: 256 })],
    ['segments out of order', 'do not ascend', segment({ start: -(2 ** 34) })],
    ['a table of 15 segments', '16 segments', ({ activation }) => ({ activation: activation.slice(0, 15) })],
    [
      'a table that begins too late',
      'below the activation table',
      ({ activation }) => ({
        activation: activation.map((one, index) => (index === 0 ? { ...one, start: one.start + 1 } : one)),
      }),
    ],
  ])('%s', (_, message, change) => {
    const layers = finished.layers.map((layer) => {
      if (layer.arithmetic === undefined) return layer;
      return { ...layer, arithmetic: { ...layer.arithmetic, ...change(layer.arithmetic) } };
    });
    expect(() => verify({ ...finished, layers }, 'p')).toThrow(message);
  });
});

test('a split that is none, and a run of too many loads are found', () => {
  const [first, second] = finished.layers;
  const parts = [{ first: 0, count: 3 }];
  expect(() => verify({ ...finished, layers: [{ ...first, parts }, second] }, 'p')).toThrow(
    'do not make up its output',
  );
  const wide = {
    ...first,
    kernel: 3 as const,
    output: { ...first.output, channels: 512 },
    weights: new Uint8Array(512 * 512 * 9),
    weightScales: new Float64Array(512),
    bias: new Float64Array(512),
  };
  const input = { ...first.input, channels: 512 };
  expect(() => verify({ ...finished, input, layers: [{ ...wide, input }] }, 'p')).toThrow('86 weight loads');
});

test('arrays of another length are found', () => {
  const [first, second] = finished.layers;
  const withFirst = (changes: Partial<KpuLayer>) => ({ ...finished, layers: [{ ...first, ...changes }, second] });
  expect(() => verify(withFirst({ weights: first.weights.subarray(1) }), 'p')).toThrow('layer_0: 11 weights');
  expect(() => verify(withFirst({ bias: new Float64Array(3) }), 'p')).toThrow('not one scale a channel');
  expect(() => verify(withFirst({ weightScales: new Float64Array(5) }), 'p')).toThrow('not one scale a channel');
});

test('places of another size or number are found', () => {
  const { kpuMaps, mainBuffers } = planned();
  const verifyWith = (changes: Partial<Program['plan']>) => () =>
    verify({ ...finished, plan: { ...planned(), ...changes } }, 'p');
  expect(verifyWith({ kpuMaps: kpuMaps.slice(1) })).toThrow('not one place a map');
  expect(verifyWith({ kpuMaps: kpuMaps.map((map) => ({ ...map, lines: map.lines - 1 })) })).toThrow('another size');
  expect(verifyWith({ mainBuffers: mainBuffers.slice(1) })).toThrow('what the KPU sends');
});

test('overlapping maps and buffers are found', () => {
  const maps = planned().kpuMaps.map((map) => ({ ...map, line: 0 }));
  expect(() => verify({ ...finished, plan: { ...planned(), kpuMaps: maps } }, 'p')).toThrow('it overlaps its input');
  const buffers = planned().mainBuffers.map((buffer) => ({ ...buffer, address: 0 }));
  expect(() => verify({ ...finished, plan: { ...planned(), mainBuffers: buffers } }, 'p')).toThrow('it overlaps "');
});

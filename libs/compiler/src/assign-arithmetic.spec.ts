import type { QuantizedConvolution } from '@graft/quantization';

import { UNITS_PER_BYTE } from './activation-table';
import { assignArithmetic } from './assign-arithmetic';
import type { KpuArithmetic } from './kpu-program';
import { programOf } from './passes';

const MAP = { channels: 2, height: 4, width: 4 };
const BASE: QuantizedConvolution = {
  kind: 'convolution',
  name: 'conv',
  kernel: 3,
  stride: 1,
  input: { ...MAP, scale: 0.5, zeroPoint: 10 },
  output: { ...MAP, channels: 1, scale: 4, zeroPoint: 3 },
  weights: new Uint8Array(18).fill(128).fill(138, 0, 1).fill(123, 1, 2),
  weightZeroPoint: 128,
  weightScales: Float64Array.of(0.25),
  bias: Float64Array.of(8),
  activation: 'linear',
};

function arithmeticOf(changes: Partial<QuantizedConvolution>): KpuArithmetic {
  const convolution = { ...BASE, ...changes };
  const graph = { name: 'g', input: convolution.input, convolutions: [convolution], tail: [] };
  const [{ arithmetic }] = assignArithmetic(programOf(graph)).layers;
  if (arithmetic === undefined) throw new Error('no arithmetic');
  return arithmetic;
}

test('whole zero points go straight into the registers', () => {
  expect(arithmeticOf({})).toMatchObject({
    argX: -128,
    shiftX: 0,
    argW: -10,
    shiftW: 0,
    // 9 · 128 · 10; the chip counts it once per input channel.
    argAdd: 11520,
    padValue: 10,
  });
});

test('multiplier and addition are the scales in units of the table', () => {
  const { batchNorm } = arithmeticOf({});
  // 0.5 · 0.25 / 4 = 1/32 byte a step; times 2^20 / 1023 units a byte, times 2^15: 1 049 601.03
  // 8 / 4 + 3 = 5 bytes, and half a unit for the shift that rounds down.
  expect(batchNorm).toEqual([{ multiplier: 1049601, shift: 15, add: Math.round(5 * UNITS_PER_BYTE + 0.5) }]);
});

test('a half input zero point pads with the next byte, and the rest goes into the addition', () => {
  const { padValue, argW, shiftW, argAdd, batchNorm } = arithmeticOf({ input: { ...BASE.input, zeroPoint: 127.5 } });
  expect({ padValue, argW, shiftW, argAdd }).toEqual({ padValue: 128, argW: -128, shiftW: 0, argAdd: 9 * 128 * 128 });
  // Weights sum up to 10 − 5 = 5 steps: 0.5 · 5 steps of 1/32 byte more.
  expect(batchNorm[0].add).toBe(Math.round((5 + 2.5 / 32) * UNITS_PER_BYTE + 0.5));
});

test('a half weight zero point is shifted by one', () => {
  const odd = { ...BASE.input, zeroPoint: 11 };
  const { argX, shiftX, argAdd, batchNorm } = arithmeticOf({ weightZeroPoint: 127.5, input: odd });
  // 9 · 127.5 · 11 = 12 622.5
  expect({ argX, shiftX, argAdd }).toEqual({ argX: -255, shiftX: 1, argAdd: 12622 });
  // What the two floors lose goes into the addition: 0.5 for each of 2 input channels, and 0.25 in the mean.
  expect(batchNorm[0].add).toBe(Math.round((5 + 1.25 / 32) * UNITS_PER_BYTE + 0.5));
});

test('a dead channel multiplies by 0 and keeps its bias', () => {
  const { batchNorm } = arithmeticOf({ weights: new Uint8Array(18).fill(128), weightScales: Float64Array.of(0) });
  expect(batchNorm).toEqual([{ multiplier: 0, shift: 0, add: Math.round(5 * UNITS_PER_BYTE) }]);
});

test.each([
  ['E310', 'a multiplier beyond its field', { weightScales: Float64Array.of(1e6) }],
  ['E310', 'a multiplier that is not a number', { weightScales: Float64Array.of(Number.NaN) }],
  ['E311', 'an addition beyond 32 bits', { bias: Float64Array.of(1e8) }],
  ['E311', 'a bias that is not a number', { bias: Float64Array.of(Number.NaN) }],
  ['E312', 'sums beyond 36 bits', { weights: new Uint8Array(18).fill(255), weightScales: Float64Array.of(15_000) }],
  ['E313', 'an activation that needs a table and has none', { activation: 'sigmoid' as const }],
  ['E313', 'a weight zero point of a third', { weightZeroPoint: 128 + 1 / 3 }],
])('%s: %s', (code, _, changes) => {
  expect(() => arithmeticOf(changes)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('"conv"'), hint: expect.any(String) }),
  );
});

test('a layer with a table has its sums in the units of the table', () => {
  const table = {
    unit: 2 ** -10,
    segments: [
      { start: -(2 ** 35), multiplier: 0, shift: 0, bias: 3 },
      { start: 0, multiplier: 1025, shift: 20, bias: 3 },
      { start: 50_000, multiplier: 0, shift: 0, bias: 52 },
    ],
    error: 0.6,
  };
  const { batchNorm, activation } = arithmeticOf({ activation: 'tanh', table });
  // 0.5 · 0.25 real a step: 128 units. The bias of 8 real is 8192 units, and real 0 is a sum of 0.
  expect(batchNorm).toEqual([{ multiplier: 128 * 2 ** 13, shift: 13, add: 8193 }]);
  expect(activation).toHaveLength(16);
  expect(activation.slice(0, 3)).toEqual(table.segments);
  expect(activation.slice(3).every(({ bias, multiplier }) => bias === 52 && multiplier === 0)).toBe(true);
});

test('E313: a network without a convolution', () => {
  expect(() => programOf({ name: 'empty', input: BASE.input, convolutions: [], tail: [] })).toThrow(
    expect.objectContaining({ code: 'E313' }),
  );
});

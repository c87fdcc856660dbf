import type { ActivationSegment, BatchNormEntry } from '@graft/kmodel';
import fc from 'fast-check';

import { finishExactly, roundingShift } from './activation';
import { arbitraryNorm, arbitraryTable } from './arbitrary-layer';
import { createFinisher } from './finish';

describe('roundingShift', () => {
  // value, shift, variant A, variant B; worked out by hand
  test.each([
    [5n, 0, 5n, 5n],
    [5n, 1, 3n, 2n], // 2.5
    [7n, 1, 4n, 4n], // 3.5
    [5n, 2, 1n, 1n], // 1.25
    [6n, 2, 2n, 2n], // 1.5
    [10n, 2, 3n, 2n], // 2.5
    [-5n, 1, -4n, -4n], // −2.5: A (−3) − 1, B floor −3 is odd, so one less
    [-7n, 1, -5n, -4n], // −3.5: A (−4) − 1, B floor −4 is even
    [-5n, 2, -3n, -3n], // −1.25: A −3 is odd, (−2) − 1; B floor −2, the rest 0.75 is above half, so one less
    [-6n, 2, -3n, -2n], // −1.5: A −3 is odd, (−2) − 1; B floor −2 is even
    [-7n, 2, -2n, -2n], // −1.75: A −4 is even; B floor −2, rest 0.25
  ] as const)('%s shifted by %i is %s half up and %s half to even', (value, shift, up, even) => {
    expect(roundingShift(value, shift, 'A')).toBe(up);
    expect(roundingShift(value, shift, 'B')).toBe(even);
  });
});

const table = Array.from({ length: 16 }, (_, index) => ({ start: index * 10, multiplier: 0, shift: 0, bias: index }));
const identity = { multiplier: 1, add: 0, shift: 0 };

test('a value at the start of a segment belongs to it in variant A only', () => {
  expect(finishExactly(20n, identity, table, 'A')).toBe(2);
  expect(finishExactly(20n, identity, table, 'B')).toBe(1);
  expect(finishExactly(21n, identity, table, 'B')).toBe(2);
});

test('a value below all segments belongs to the first', () => {
  expect(finishExactly(-1n, identity, table, 'A')).toBe(0);
});

test('batch norm shifts by floor and then adds', () => {
  // (−7 · 3) >> 1 = −11; −11 + 31 = 20
  expect(finishExactly(-7n, { multiplier: 3, add: 31, shift: 1 }, table, 'A')).toBe(2);
});

function finishOne(sum: number, norm: BatchNormEntry, segments: readonly ActivationSegment[], rounding: 'A' | 'B') {
  const output = new Uint8Array(1);
  const row = { channel: 0, sums: Float64Array.of(sum), sumsAt: 0, count: 1, constant: 0, output, outputAt: 0 };
  createFinisher([norm], segments, rounding).finish(row);
  return output[0];
}

test('a product of more than 53 bits is not rounded on its way', () => {
  // 2^54 − 1 = 262657 · 68585259007; shifted by 15 it is 2^39 − 1, just below one half of 2^40. A double makes it 2^54.
  const sum = Number((2n ** 54n - 1n) / 262657n);
  const norm = { multiplier: 262657, add: 0, shift: 15 };
  const segments = table.map(() => ({ start: 0, multiplier: 1, shift: 40, bias: 7 }));
  expect(BigInt(sum) * 262657n).toBe(2n ** 54n - 1n);
  expect(finishExactly(BigInt(sum), norm, segments, 'A')).toBe(7);
  expect(finishOne(sum, norm, segments, 'A')).toBe(7);
});

describe.each(['A', 'B'] as const)('rounding %s', (rounding) => {
  test.each([false, true])('sums become the same bytes in doubles as in exact integers (extreme: %s)', (extreme) => {
    const range = extreme ? 2 ** 52 : 2 ** 24;
    const sums = fc.array(
      fc.maxSafeInteger().map((value) => value % range),
      { minLength: 1, maxLength: 50 },
    );
    fc.assert(
      fc.property(arbitraryNorm(extreme), arbitraryTable(extreme), sums, (norm, segments, values) => {
        const output = new Uint8Array(values.length);
        const row = {
          channel: 0,
          sums: Float64Array.from(values),
          sumsAt: 0,
          count: values.length,
          constant: 0,
          output,
          outputAt: 0,
        };
        createFinisher([norm], segments, rounding).finish(row);
        expect([...output]).toEqual(values.map((value) => finishExactly(BigInt(value), norm, segments, rounding)));
      }),
      { numRuns: 300 },
    );
  });
});

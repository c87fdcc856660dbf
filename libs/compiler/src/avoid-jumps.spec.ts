import fc from 'fast-check';

import { CLAMPING_TABLE } from './activation-table';
import { avoidJumps, canReach, jumpsOf } from './avoid-jumps';

const entries = fc.record({
  multiplier: fc.integer({ min: 0, max: 40 }),
  shift: fc.integer({ min: 0, max: 4 }),
  add: fc.integer({ min: -30, max: 30 }),
});

const after = ({ multiplier, shift, add }: { multiplier: number; shift: number; add: number }, sum: number) =>
  Math.floor((sum * multiplier) / 2 ** shift) + add;

test('a sum can be reached exactly if some convolution leads there', () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: -50, max: 50 }), (entry, sum) => {
      const convolutions = Array.from({ length: 8001 }, (_, index) => index - 4000);
      expect(canReach(entry, sum)).toBe(convolutions.some((convolution) => after(entry, convolution) === sum));
    }),
  );
});

test('only where a constant follows a higher one is there a jump', () => {
  expect(jumpsOf(CLAMPING_TABLE)).toEqual([]);
  const table = [
    { start: -(2 ** 35), multiplier: 0, shift: 0, bias: 9 },
    { start: -50, multiplier: 0, shift: 0, bias: 4 },
    // 1/2 a unit: 10 bytes over 20 units
    { start: 0, multiplier: 2 ** 19 + 1, shift: 20, bias: 4 },
    { start: 20, multiplier: 0, shift: 0, bias: 14 },
  ];
  expect(jumpsOf(table)).toEqual([-50]);
});

test('an addition moves by the least that keeps every sum off the jumps', () => {
  // Sums are the multiples of 5, and the addition.
  const entry = { multiplier: 5, shift: 0, add: 0 };
  expect(avoidJumps(entry, [100], 4)).toEqual({ ...entry, add: 1 });
  expect(avoidJumps(entry, [100, 101], 4)).toEqual({ ...entry, add: -1 });
  expect(avoidJumps(entry, [101], 4)).toEqual(entry);
});

test('an addition stays where it is when there is no way around', () => {
  const dense = { multiplier: 1, shift: 1, add: 7 };
  expect(avoidJumps(dense, [100], 20)).toBe(dense);
});

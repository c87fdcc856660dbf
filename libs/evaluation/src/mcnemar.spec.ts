import fc from 'fast-check';
import { mcnemarExact } from './mcnemar';

/** By whole numbers: 2·Σ C(n, i) and 2ⁿ, divided at the very end with 60 decimal places to spare. */
function slowly(firstOnly: number, secondOnly: number): number {
  const pairs = BigInt(firstOnly + secondOnly);
  let binomial = 1n;
  let sum = 0n;
  for (let index = 0n; index <= BigInt(Math.min(firstOnly, secondOnly)); index++) {
    sum += binomial;
    binomial = (binomial * (pairs - index)) / (index + 1n);
  }
  const scale = 10n ** 400n;
  const scaled = (2n * sum * scale) / 2n ** pairs;
  return scaled >= scale ? 1 : Number(`${scaled}e-400`);
}

test('equals the sum of whole binomials, also for thousands of pairs', () => {
  const counts = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 3000 }));
  fc.assert(
    fc.property(counts, counts, (first, second) => {
      const exact = slowly(first, second);
      expect(Math.abs(mcnemarExact(first, second) - exact)).toBeLessThanOrEqual(1e-9 * exact + 1e-300);
    }),
  );
});

test.each([
  // Worked out by hand: 2 · (1)/2⁵, 2 · (1 + 9)/2⁹, 2 · (1 + 6)/2⁶.
  [5, 0, 0.0625],
  [1, 8, 0.0390625],
  [5, 1, 0.21875],
  [3, 3, 1],
  [0, 0, 1],
])('%i pictures against %i: p = %d, from either side', (first, second, p) => {
  expect(mcnemarExact(first, second)).toBeCloseTo(p, 12);
  expect(mcnemarExact(second, first)).toBeCloseTo(p, 12);
});

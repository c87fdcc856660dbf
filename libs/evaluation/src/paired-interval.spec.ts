import fc from 'fast-check';
import { pairedInterval, type PairedCounts } from './paired-interval';

const counts = (bothRight: number, firstOnly: number, secondOnly: number, neitherRight: number): PairedCounts => ({
  bothRight,
  firstOnly,
  secondOnly,
  neitherRight,
});

test.each<[PairedCounts, number, number]>([
  // Newcombe 1998, his first example; and airway hyper-responsiveness before and after (Bentur et al. 2009), as worked
  // out by M. W. Fagerland, S. Lydersen and P. Laake, Statistical Analysis of Contingency Tables, chapter 8.
  [counts(36, 12, 2, 0), 0.0569, 0.3404],
  [counts(1, 1, 7, 12), -0.5069, -0.0256],
])('%j gives the published interval', (table, low, high) => {
  const found = pairedInterval(table, 0.95);
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
});

test('holds the difference, lies in −1 … 1, and turns around with its two sides', () => {
  const count = fc.integer({ min: 0, max: 200 });
  fc.assert(
    fc.property(
      count,
      count,
      count,
      count,
      fc.double({ min: 0.5, max: 0.999, noNaN: true }),
      (a, b, c, d, confidence) => {
        fc.pre(a + b + c + d > 0);
        const { value, low, high } = pairedInterval(counts(a, b, c, d), confidence);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(low).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(high).toBeLessThanOrEqual(1 + 1e-12);
        const turned = pairedInterval(counts(a, c, b, d), confidence);
        expect(turned.low).toBeCloseTo(-high, 12);
        expect(turned.high).toBeCloseTo(-low, 12);
      },
    ),
  );
});

test('holds the true difference about as often as it says, for shares as ours are', () => {
  // All tables of 40 pictures: both right 90 %, float only 3 %, device only 1 %, neither 6 %.
  const total = 40;
  const shares = [0.9, 0.03, 0.01, 0.06];
  const logFactorial = [0];
  for (let index = 1; index <= total; index++) logFactorial.push(logFactorial[index - 1] + Math.log(index));
  let covered = 0;
  for (let a = 0; a <= total; a++)
    for (let b = 0; a + b <= total; b++)
      for (let c = 0; a + b + c <= total; c++) {
        const table = [a, b, c, total - a - b - c];
        const log = table.reduce(
          (sum, count, at) => sum + count * Math.log(shares[at]) - logFactorial[count],
          logFactorial[total],
        );
        const { low, high } = pairedInterval(counts(a, b, c, table[3]), 0.95);
        if (low <= 0.02 && 0.02 <= high) covered += Math.exp(log);
      }
  expect(covered).toBeGreaterThan(0.94);
});

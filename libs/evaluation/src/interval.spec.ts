import fc from 'fast-check';
import { normalQuantile, wilsonInterval } from './interval';

describe('wilsonInterval', () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3, 95 %.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i lies between the limits of the textbook', (successes, total, low, high) => {
    const interval = wilsonInterval(successes, total, 0.95);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
    expect(interval.value).toBe(successes / total);
  });

  test('all right leaves a chance of error, and none right a chance of success', () => {
    expect(wilsonInterval(20, 20, 0.95)).toMatchObject({ value: 1, high: 1 });
    expect(wilsonInterval(20, 20, 0.95).low).toBeCloseTo(1 - 0.1611, 4);
    expect(wilsonInterval(0, 20, 0.95).low).toBe(0);
  });

  test('the interval holds its share, stays in 0 … 1 and is mirrored by counting failures', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.5, max: 0.999, noNaN: true }),
        (total, part, confidence) => {
          const successes = Math.round(part * total);
          const { low, high, value } = wilsonInterval(successes, total, confidence);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(value);
          expect(high).toBeGreaterThanOrEqual(value);
          const mirrored = wilsonInterval(total - successes, total, confidence);
          expect(mirrored.low).toBeCloseTo(1 - high, 9);
          expect(mirrored.high).toBeCloseTo(1 - low, 9);
        },
      ),
    );
  });

  test('a share that is none is a fault of the caller', () => {
    expect(() => wilsonInterval(3, 2, 0.95)).toThrow(RangeError);
    expect(() => wilsonInterval(0, 0, 0.95)).toThrow(RangeError);
    expect(() => wilsonInterval(1, 2, 1)).toThrow(RangeError);
  });
});

// Standard tables of the normal distribution.
test.each([
  [0.5, 0],
  [0.9, 1.2815515655446004],
  [0.95, 1.6448536269514722],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [0.9999, 3.719016485455709],
  [0.025, -1.959963984540054],
])('the normal quantile of %f is %f', (probability, z) => {
  expect(normalQuantile(probability)).toBeCloseTo(z, 9);
});

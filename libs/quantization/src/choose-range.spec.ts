import { Random } from '@graft/foundation';

import { chooseRange } from './choose-range';
import type { RangeMethod } from './choose-range';
import { RangeObserver } from './range-observer';
import type { Range } from './range-observer';

function observe(...pictures: readonly (readonly number[])[]): RangeObserver {
  const observer = new RangeObserver('layer');
  pictures.forEach((picture, index) => observer.add(Float32Array.from(picture), index));
  return observer;
}

const rangeBy = (method: RangeMethod, observer: RangeObserver): Range => chooseRange(observer, method, 99.9);

/** Mean square of what is lost when values go to 255 steps of a range and back. */
function squaredError(values: readonly number[], { min, max }: Range): number {
  const step = (max - min) / 255;
  const errors = values.map((value) => {
    const clipped = Math.min(max, Math.max(min, value));
    return value - (Math.round(clipped / step) * step + 0);
  });
  return errors.reduce((sum, error) => sum + error ** 2, 0) / values.length;
}

const random = Random.of(11);
/** Magnitudes with a long, thin tail. */
const tailed = Array.from({ length: 60_000 }, () => Math.abs(random.normal()) ** 3);
const bothSides = Array.from({ length: 60_000 }, (_, index) => random.normal() ** 3 * (index % 2 === 0 ? 1 : 0.2));

describe('mse', () => {
  test.each([
    ['of one sign', tailed],
    ['of both signs', bothSides],
  ])('loses less than the whole range does on values %s with a long tail', (_, values) => {
    const observer = observe(values);
    const best = squaredError(values, rangeBy('mse', observer));
    expect(best).toBeLessThan(0.97 * squaredError(values, observer.observed));
    // No other end of 50 does better by more than what bins and places can tell apart.
    for (let share = 0.26; share <= 1; share += 0.015) {
      const { min, max } = observer.observed;
      const other = { min: min > 0 ? 0 : min * share, max: max * share };
      expect(best).toBeLessThan(1.02 * squaredError(values, other));
    }
  });

  test('keeps the whole range of values that are spread evenly', () => {
    const even = observe(Array.from({ length: 10_000 }, (_, index) => index / 1000));
    expect(rangeBy('mse', even).max).toBeGreaterThan(9.8);
  });
});

describe('kl', () => {
  test('cuts a long tail, and less of a short one', () => {
    const long = observe(tailed);
    const short = observe(tailed.map((value) => Math.cbrt(value)));
    expect(rangeBy('kl', long).max / long.observed.max).toBeLessThan(0.7);
    expect(rangeBy('kl', short).max / short.observed.max).toBeGreaterThan(0.8);
  });

  test('cuts each end by its own distribution', () => {
    const { min, max } = rangeBy('kl', observe([...tailed, ...tailed.map((_, index) => -(index % 100) / 10)]));
    expect(min).toBeLessThan(-9);
    expect(max).toBeLessThan(Math.max(...tailed) * 0.7);
  });
});

describe('nncase-0.1', () => {
  test('lets the first picture dominate: each later one moves the range by a hundredth', () => {
    const range = rangeBy('nncase-0.1', observe([0, 4], [-1, 14], [0, 4]));
    // min: 0 → −0.01 → −0.0099; max: 4 → 4.1 → 4.099
    expect(range.min).toBeCloseTo(-0.0099, 12);
    expect(range.max).toBeCloseTo(4.099, 12);
  });

  test('leaves values of more than 100 aside, and pictures that have no others', () => {
    expect(rangeBy('nncase-0.1', observe([-101, -3, 100, 5000], [200, 300]))).toEqual({ min: -3, max: 100 });
  });

  test('gives a range without a width 1 on either side, and −6 … 6 where nothing is left', () => {
    expect(rangeBy('nncase-0.1', observe([2, 2]))).toEqual({ min: 1, max: 3 });
    expect(rangeBy('nncase-0.1', observe([101]))).toEqual({ min: -6, max: 6 });
  });
});

test.each<RangeMethod>(['minmax', 'percentile', 'mse', 'kl', 'nncase-0.1'])(
  '%s gives the same range for the same values, inside what was seen',
  (method) => {
    const observer = observe(bothSides);
    const range = rangeBy(method, observer);
    expect(rangeBy(method, observe(bothSides))).toEqual(range);
    expect(range.min).toBeGreaterThanOrEqual(observer.observed.min);
    expect(range.max).toBeLessThanOrEqual(observer.observed.max);
  },
);

test.each<RangeMethod>(['minmax', 'percentile', 'mse', 'kl'])('%s takes a map of zeros as it is', (method) => {
  expect(rangeBy(method, observe([0, 0, 0]))).toEqual({ min: 0, max: 0 });
});

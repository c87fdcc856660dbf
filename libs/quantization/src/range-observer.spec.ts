import { Random } from '@graft/foundation';
import fc from 'fast-check';

import { RangeObserver } from './range-observer';

function observe(...batches: readonly (readonly number[])[]): RangeObserver {
  const observer = new RangeObserver('layer');
  batches.forEach((batch, index) => observer.add(Float32Array.from(batch), index));
  return observer;
}

test('the observed range spans all batches', () => {
  expect(observe([1, 5, 2], [-3, 4]).observed).toEqual({ min: -3, max: 5 });
});

test('the hundredth percentile is the observed range', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: 1 }), (values) => {
      const observer = observe(values.map((value) => value + 0));
      expect(observer.percentile(100)).toEqual(observer.observed);
    }),
  );
});

test('a percentile leaves out the few largest values, in whatever order and batches they come', () => {
  const random = Random.of(3);
  const values = Array.from({ length: 20_500 }, () => Math.abs(random.normal()));
  const sorted = [...values].sort((a, b) => a - b);
  const observer = observe(values.slice(0, 50), values.slice(50));
  // 20.5 and 205 values may lie above. A bin is 1/4096 of the next power of two, 8.
  for (const [percentile, last] of [
    [99.9, sorted[20_479]],
    [99, sorted[20_294]],
  ]) {
    const { max } = observer.percentile(percentile);
    expect(max).toBeGreaterThanOrEqual(last);
    expect(max).toBeLessThanOrEqual(last + 8 / 4096);
  }
  expect(observer.percentile(99.9).min).toBe(Math.fround(sorted[0]));
});

test('a percentile cuts both ends of values of both signs', () => {
  const values = Array.from({ length: 2001 }, (_, index) => index - 1000);
  const { min, max } = observe(values).percentile(90);
  expect(min).toBeGreaterThan(-802);
  expect(min).toBeLessThanOrEqual(-799);
  expect(max).toBeLessThan(802);
  expect(max).toBeGreaterThanOrEqual(799);
});

test('the share outside counts what lies beyond either end', () => {
  const values = Array.from({ length: 1000 }, (_, index) => index - 499.5);
  const observer = observe(values);
  expect(observer.shareOutside({ min: -500, max: 500 })).toBe(0);
  expect(observer.shareOutside({ min: -400, max: 450 })).toBeCloseTo(0.15, 2);
});

test('values that are not finite are named with their layer', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect(() => observe([1, bad])).toThrow(
      expect.objectContaining({ code: 'E323', message: expect.stringContaining('layer') }),
    );
});

test('observers of parts, merged in any order, are the observer of the whole', () => {
  const pictures = fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), {
    minLength: 2,
  });
  fc.assert(
    fc.property(pictures, fc.nat(), (all, seed) => {
      const random = Random.of(seed);
      const parts = [new RangeObserver('a'), new RangeObserver('b')];
      all.forEach((values, picture) => parts[random.integer(2)].add(Float32Array.from(values), picture));
      const merged = new RangeObserver('all');
      for (const part of random.integer(2) === 0 ? parts : parts.reverse()) merged.merge(part.record());
      expect(merged.record()).toEqual(observe(...all).record());
    }),
  );
});

test('the histogram counts every value once, zeros too, from the smallest to the largest', () => {
  const observer = observe([-1, -1, 0, 0, 0, 0, 0.6, 2.99]);
  // Four parts of -1 … 2.99, each about 1 wide: -1 twice, then zeros and 0.6, nothing, 2.99.
  expect(observer.histogram(4)).toEqual([0.25, 0.625, 0, 0.125]);
  expect(observe([2, 2]).histogram(3)).toEqual([1, 0, 0]);
});

import fc from 'fast-check';

import { amountAxis, countTicks, shareAxis } from './chart-axis';

test('amounts that are near each other go from 0, in steps of 1, 2 or 5', () => {
  const { ticks, at } = amountAxis([0.31, 0.9]);
  expect(ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect([at(0), at(0.5), at(1)]).toEqual([0, 0.5, 1]);
});

test('amounts that are far apart go by powers of ten', () => {
  const { ticks, at } = amountAxis([0.002, 0.9]);
  expect(ticks).toEqual([0.001, 0.01, 0.1, 1]);
  expect(at(0.1)).toBeCloseTo(2 / 3, 12);
  expect(amountAxis([1e-9, 1]).ticks).toEqual([1e-9, 1e-7, 1e-5, 0.001, 0.1]);
});

test('an amount of 0 keeps the axis linear', () => {
  expect(amountAxis([0, 1e-6, 3]).ticks).toEqual([0, 1, 2, 3]);
  expect(amountAxis([0, 0]).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
});

test('shares go up to 1, and down to the tenth below the lowest', () => {
  expect(shareAxis([0.97, 1]).ticks).toEqual([0.9, 0.92, 0.94, 0.96, 0.98, 1]);
  expect(shareAxis([0.52, 1]).ticks).toEqual([0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  expect(shareAxis([0]).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
});

test('epochs are counted from 1, about ten times', () => {
  expect(countTicks(1)).toEqual([1]);
  expect(countTicks(4)).toEqual([1, 2, 3, 4]);
  expect(countTicks(60)).toEqual([1, 10, 20, 30, 40, 50, 60]);
});

test('whatever the amounts: each lies on the axis, every tick too, and few of them', () => {
  const amounts = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(amounts, (values) => {
      const { ticks, at } = amountAxis(values);
      for (const value of [...values, ...ticks]) {
        expect(at(value)).toBeGreaterThanOrEqual(-1e-6);
        expect(at(value)).toBeLessThanOrEqual(1 + 1e-6);
      }
      expect(ticks.length).toBeLessThanOrEqual(8);
      expect(new Set(ticks).size).toBe(ticks.length);
    }),
  );
});

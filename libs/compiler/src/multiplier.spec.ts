import fc from 'fast-check';

import { fixedPoint } from './multiplier';

test('a factor takes the largest shift whose multiplier stays below 2^21', () => {
  expect(fixedPoint(1)).toEqual({ multiplier: 32768, shift: 15 });
  expect(fixedPoint(63.9999)).toEqual({ multiplier: 2097149, shift: 15 });
  expect(fixedPoint(64)).toEqual({ multiplier: 1048576, shift: 14 });
  expect(fixedPoint(2097151)).toEqual({ multiplier: 2097151, shift: 0 });
  expect(fixedPoint(0)).toEqual({ multiplier: 0, shift: 0 });
});

test('a factor of 2^21 or more does not exist on the chip', () => {
  expect(fixedPoint(2 ** 21)).toBeUndefined();
  // Rounds up to the limit at every shift.
  expect(fixedPoint(2 ** 21 - 0.25)).toBeUndefined();
});

test('factors from 1/32 on keep at least ten bits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1 / 32, max: 2 ** 20, noNaN: true }), (factor) => {
      const { multiplier, shift } = fixedPoint(factor) ?? { multiplier: 0, shift: 0 };
      expect(Math.abs(multiplier / 2 ** shift / factor - 1)).toBeLessThanOrEqual(2 ** -11);
      expect(multiplier).toBeLessThan(2 ** 21);
    }),
  );
});

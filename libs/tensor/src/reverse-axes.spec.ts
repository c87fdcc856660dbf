import fc from 'fast-check';

import { reverseAxes } from './reverse-axes';

const side = fc.integer({ min: 1, max: 70 });

test('the first axis becomes the last, and twice is as before', () => {
  fc.assert(
    fc.property(side, fc.integer({ min: 1, max: 3 }), side, fc.nat(), (a, b, c, drawn) => {
      const values = Float32Array.from({ length: a * b * c }, (_, at) => at);
      const turned = reverseAxes(values, a, b, c);
      const at = drawn % values.length;
      const [first, middle, last] = [Math.floor(at / (b * c)), Math.floor(at / c) % b, at % c];
      expect(turned[(last * b + middle) * a + first]).toBe(at);
      expect(reverseAxes(turned, c, b, a)).toEqual(values);
    }),
  );
});

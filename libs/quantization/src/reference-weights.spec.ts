import { Random } from '@graft/foundation';
import fc from 'fast-check';

import { referenceWeights } from './reference-weights';

test('every channel is stretched to an end of the range of the layer, and one zero point serves all', () => {
  // The layer spans −2 … 3. Channel 1 fits 6 times by its largest weight (0.5), 10 times by its smallest (−0.2).
  const { bytes, scales, zeroPoint } = referenceWeights(Float64Array.of(3, -2, 0.5, -0.2), 2);
  // 255 / 5 = 51 steps a unit; −2 · 51 = −102.
  expect(zeroPoint).toBe(102);
  expect([...scales]).toEqual([1 / 51, 1 / 306]);
  // 0.5 · 6 = 3 → 255; −0.2 · 6 · 51 = −61.2 → 102 − 61.
  expect([...bytes]).toEqual([255, 0, 255, 41]);
});

test('a channel on one side of 0 takes the end that it has in common with the layer', () => {
  // Channel 1 has no negative weight: 3 / 0.3 = 10 by its largest; by its smallest −2 / 0.1 is negative.
  const { bytes, scales } = referenceWeights(Float64Array.of(3, -2, 0.3, 0.1), 2);
  expect(scales[1]).toBeCloseTo(1 / 510, 12);
  expect([...bytes.subarray(2)]).toEqual([255, 153]);
});

test('a channel of zeros is dead, a layer of zeros too', () => {
  expect([...referenceWeights(Float64Array.of(3, -2, 0, 0), 2).scales]).toEqual([1 / 51, 0]);
  expect(referenceWeights(new Float64Array(4), 2)).toEqual({
    bytes: new Uint8Array(4),
    scales: new Float64Array(2),
    zeroPoint: 0,
  });
});

test('no weight moves by more than a step, and the zero point is a byte', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), fc.constantFrom(-2, 0, 2), (seed, channels, mean) => {
      const random = Random.of(seed);
      const weights = new Float64Array(channels * 9).map(() => mean + random.normal());
      const { bytes, scales, zeroPoint } = referenceWeights(weights, channels);
      expect(Number.isInteger(zeroPoint) && zeroPoint >= 0 && zeroPoint <= 255).toBe(true);
      weights.forEach((weight, index) => {
        const scale = scales[Math.floor(index / 9)];
        expect(Math.abs((bytes[index] - zeroPoint) * scale - weight)).toBeLessThanOrEqual(scale * 1.0000001);
      });
    }),
  );
});

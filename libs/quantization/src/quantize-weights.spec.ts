import { Random } from '@graft/foundation';
import fc from 'fast-check';

import { quantizeWeights } from './quantize-weights';

test('the largest weight of each channel takes all 127 steps', () => {
  // Channel 0: 254 / 127 = 2 a step; channel 1: 12.7 / 127 = 0.1 a step.
  const weights = Float64Array.of(254, -100, 3, -12.7, 6.35, 0);
  const { bytes, scales } = quantizeWeights(weights, 2, 0);
  expect([...scales]).toEqual([2, expect.closeTo(0.1, 12)]);
  // 3 / 2 = 1.5 rounds up to 2 steps; 63.5 up to 64.
  expect([...bytes]).toEqual([128 + 127, 128 - 50, 128 + 2, 128 - 127, 128 + 64, 128]);
});

test('a channel without weights has scale 0 and middle bytes', () => {
  const { bytes, scales } = quantizeWeights(Float64Array.of(0, 0, 1, -1), 2, 0);
  expect([...scales]).toEqual([0, 1 / 127]);
  expect([...bytes]).toEqual([128, 128, 255, 1]);
});

test('no scale is finer than the smallest one, and a channel that vanishes under it is dead', () => {
  const { bytes, scales } = quantizeWeights(Float64Array.of(0.4, -0.2, 3, 0), 2, 1);
  expect([...scales]).toEqual([0, 1]);
  expect([...bytes]).toEqual([128, 128, 131, 128]);
});

test('no weight moves by more than half a step', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, channels) => {
      const random = Random.of(seed);
      const weights = new Float64Array(channels * 9).map(() => random.normal() * 10 ** random.between(-3, 3));
      const { bytes, scales } = quantizeWeights(weights, channels, 0);
      weights.forEach((weight, index) => {
        const scale = scales[Math.floor(index / 9)];
        expect(Math.abs((bytes[index] - 128) * scale - weight)).toBeLessThanOrEqual(scale * 0.5000001);
      });
    }),
  );
});

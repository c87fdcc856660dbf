import { meanErrors } from './bias-correction';

const LIVE = { min: 0, max: 6 };

test('the error of a channel is its mean difference over all samples', () => {
  // Two channels of four samples; the quantized sums get their bias 1 and 0 first.
  const float = Float32Array.of(2, 4, 3, 3, 1, 1, 2, 2);
  const quantized = Float64Array.of(0.5, 3, 2, 1.5, 1, 1, 2, 2);
  // Channel 0: (2−1.5) + (4−4) + (3−3) + (3−2.5) = 1 over 4.
  expect([...meanErrors(float, quantized, Float64Array.of(1, 0), LIVE)]).toEqual([0.25, 0]);
});

test('values far outside the live range do not count', () => {
  const float = Float32Array.of(-5, 2, 20);
  const quantized = Float64Array.of(0, 1, 0);
  expect([...meanErrors(float, quantized, Float64Array.of(0), LIVE)]).toEqual([1]);
});

test('a channel that never comes near the live range is left alone', () => {
  expect([...meanErrors(Float32Array.of(-50), Float64Array.of(0), Float64Array.of(0), LIVE)]).toEqual([0]);
});

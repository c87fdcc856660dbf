import { Random } from '@graft/foundation';
import fc from 'fast-check';

import { accumulate } from './quantized-convolution';
import type { QuantizedConvolution } from './quantized-graph';
import { searchRounding } from './search-rounding';

/** A 1×1 layer of `taps` inputs and one output on a map of 64 pixels, and real weights between its steps. */
function layerOf(seed: number, taps: number) {
  const random = Random.of(seed);
  const real = Float64Array.from({ length: taps }, () => 0.1 * random.between(-20, 20));
  const layer: QuantizedConvolution = {
    kind: 'convolution',
    name: 'only',
    kernel: 1,
    stride: 1,
    input: { channels: taps, height: 8, width: 8, scale: 0.02, zeroPoint: 0 },
    output: { channels: 1, height: 8, width: 8, scale: 0.1, zeroPoint: 128 },
    weights: Uint8Array.from(real, (weight) => Math.round(weight / 0.1) + 128),
    weightZeroPoint: 128,
    weightScales: Float64Array.of(0.1),
    bias: Float64Array.of(0.5),
    activation: 'linear',
  };
  // Inputs that move together: there, errors of two weights can make up for each other.
  const bytes = [1, 2].map(() => {
    const common = Array.from({ length: 64 }, () => random.between(0, 100));
    return new Uint8Array(taps * 64).map((_, at) => common[at % 64] + random.between(0, 60));
  });
  const target = bytes.map((map) =>
    new Float32Array(64).map((_, pixel) => real.reduce((sum, w, i) => sum + w * 0.02 * map[i * 64 + pixel], 0.5)),
  );
  return { layer, real, bytes, target };
}

/** Variance of the error: what is left when the bias has taken its mean. */
function errorOf({ layer, bytes, target }: ReturnType<typeof layerOf>, weights: Uint8Array): number {
  const errors = bytes.flatMap((map, picture) =>
    [...accumulate({ ...layer, weights }, map)].map((sum, pixel) => sum - target[picture][pixel]),
  );
  const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
  return errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length;
}

const search = ({ layer, real, bytes, target }: ReturnType<typeof layerOf>): Uint8Array =>
  searchRounding(layer, real, bytes, target);

test('no weight leaves the two steps around its real value, and the error of the output does not grow', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), (seed, taps) => {
      const given = layerOf(seed, taps);
      const found = search(given);
      found.forEach((byte, tap) => expect(Math.abs(byte - 128 - given.real[tap] / 0.1)).toBeLessThan(1.0000001));
      expect(errorOf(given, found)).toBeLessThanOrEqual(errorOf(given, given.layer.weights) * 1.0001);
      expect(search(given)).toEqual(found);
    }),
    { numRuns: 60 },
  );
});

test('on many inputs the error falls by more than a quarter', () => {
  const given = layerOf(3, 32);
  expect(errorOf(given, search(given))).toBeLessThan(errorOf(given, given.layer.weights) * 0.75);
});

test('depthwise layers and dead channels stay as they are', () => {
  const given = layerOf(4, 8);
  const dead = { ...given.layer, weightScales: Float64Array.of(0) };
  expect(searchRounding(dead, given.real, given.bytes, given.target)).toEqual(dead.weights);
  const depthwise = { ...given.layer, kind: 'depthwise' as const };
  expect(searchRounding(depthwise, given.real, given.bytes, given.target)).toBe(depthwise.weights);
});

import { Random } from '@graft/foundation';
import type { BatchNormEntry } from '@graft/kmodel';
import fc from 'fast-check';

import { batchNormBounds, convolutionBounds, provenBounds } from './arithmetic-bounds';
import { assignArithmetic } from './assign-arithmetic';
import type { KpuArithmetic, KpuLayer } from './kpu-program';
import { programOf } from './passes';
import { randomQuantizedLayers } from './random-quantized-layers.fixture';

const exact = { constant: 0, half: false };
const entry = (multiplier: number, shift = 0, add = 0): BatchNormEntry => ({ multiplier, shift, add });
const prove = (low: number, high: number, multiplier = 0, add = 0) =>
  provenBounds('conv', [{ low, high }], [entry(multiplier, 0, add)]);
const tooLarge = (what: string) =>
  expect.objectContaining({ code: 'E312', message: expect.stringContaining(`"conv", channel 0: the ${what}`) });

test('weights above their zero point want 255, those below it 0', () => {
  // 7 · (255 − 10) + 3 · 10 and −3 · (255 − 10) − 7 · 10
  expect(convolutionBounds({ positive: 7, negative: 3 }, 10, exact)).toEqual({ low: -805, high: 1745 });
});

test('what the shifts lose comes off, and ends are whole numbers', () => {
  const sums = { positive: 7.5, negative: 3 };
  // 7.5 · 255 = 1912.5 and −3 · 255 = −765, less 1.5, and the lower one perhaps less a half.
  expect(convolutionBounds(sums, 0, { constant: 1.5, half: true })).toEqual({ low: -767, high: 1911 });
});

test('products of more than 53 bits are exact', () => {
  const sum = 2 ** 34 + 1;
  // (2^34 + 1) · (2^21 − 1) = 2^55 + 2^21 − 2^34 − 1, of which a double loses the last bits.
  expect(batchNormBounds({ low: 0, high: sum }, entry(2 ** 21 - 1, 15))).toEqual({
    low: 0,
    high: 2 ** 40 - 2 ** 19 + 63,
  });
});

test('a negative multiplier turns the interval round', () => {
  expect(batchNormBounds({ low: -4, high: 10 }, entry(-3, 1, 5))).toEqual({ low: -10, high: 11 });
});

test('a convolution keeps to 36 bits with sign', () => {
  expect(() => prove(-(2 ** 35), 2 ** 35 - 1)).not.toThrow();
  expect(() => prove(-(2 ** 35) - 1, 0)).toThrow(tooLarge('convolution'));
  expect(() => prove(0, 2 ** 35)).toThrow(tooLarge('convolution'));
});

test('a batch norm goes up to the end of the activation table, and down to −2^35', () => {
  // 2^35 − 16 is where the table ends.
  expect(() => prove(0, 256, 2 ** 27 - 1)).not.toThrow();
  expect(() => prove(0, 256, 2 ** 27)).toThrow(tooLarge('batch norm'));
  expect(() => prove(0, 256, 2 ** 27 - 1, 255)).toThrow(tooLarge('batch norm'));
  expect(() => prove(-256, 0, 2 ** 27)).not.toThrow();
  expect(() => prove(-256, 0, 2 ** 27, -1)).toThrow(tooLarge('batch norm'));
});

describe('of random layers', () => {
  const outlines = fc.record({
    seed: fc.nat(),
    inputs: fc.integer({ min: 1, max: 40 }),
    outputs: fc.integer({ min: 1, max: 6 }),
    kernel: fc.constantFrom(1 as const, 3 as const),
    depthwise: fc.boolean(),
  });

  /** Taps of one output channel, [input][row][column]. */
  const weightsOf = ({ kind, kernel, input, weights }: KpuLayer, channel: number): Uint8Array => {
    const size = kernel ** 2 * (kind === 'depthwise' ? 1 : input.channels);
    return weights.subarray(channel * size, (channel + 1) * size);
  };

  test('the worst picture of every channel reaches the proven bound to the unit, and no other one passes it', () => {
    fc.assert(
      fc.property(outlines, ({ seed, inputs, outputs, kernel, depthwise }) => {
        const input = { channels: inputs, height: 4, width: 4 };
        const outline = depthwise
          ? ({ kind: 'depthwise', kernel: 3, stride: 1, outputs: inputs } as const)
          : ({ kind: 'convolution', kernel, stride: 1, outputs } as const);
        const [layer] = assignArithmetic(programOf(randomQuantizedLayers(seed, input, [outline]))).layers;
        const { arithmetic } = layer;
        if (arithmetic === undefined) throw new Error('no arithmetic');
        const channels = arithmetic.batchNorm.map((_, channel) => channel);
        const sumsOf = (picture: (weight: number, tap: number) => number) =>
          channels.map((channel) => {
            const weights = weightsOf(layer, channel);
            return chipSums(arithmetic, channel, depthwise ? 1 : inputs, weights, weights.map(picture));
          });
        const brightest = sumsOf((weight) => (weight > layer.weightZeroPoint ? 255 : 0));
        const darkest = sumsOf((weight) => (weight > layer.weightZeroPoint ? 0 : 255));
        const { proven } = arithmetic;
        expect(proven.convolution.high).toBe(Math.max(...brightest.map(({ convolution }) => convolution)));
        expect(proven.convolution.low).toBe(Math.min(...darkest.map(({ convolution }) => convolution)));
        expect(proven.batchNorm.high).toBe(Math.max(...brightest.map(({ batchNorm }) => batchNorm)));
        expect(proven.batchNorm.low).toBe(Math.min(...darkest.map(({ batchNorm }) => batchNorm)));

        const random = Random.of(seed, 'pictures');
        for (let picture = 0; picture < 20; picture++) {
          // At the border some taps read the pad value; extreme bytes are the likeliest to pass a bound.
          const padded = random.integer(2) === 0;
          const sums = sumsOf((_, tap) => {
            if (padded && tap % 3 === 0) return arithmetic.padValue;
            return picture % 2 === 0 ? random.integer(256) : 255 * random.integer(2);
          });
          for (const { convolution, batchNorm } of sums) {
            expect(convolution).toBeGreaterThanOrEqual(proven.convolution.low);
            expect(convolution).toBeLessThanOrEqual(proven.convolution.high);
            expect(batchNorm).toBeGreaterThanOrEqual(proven.batchNorm.low);
            expect(batchNorm).toBeLessThanOrEqual(proven.batchNorm.high);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The two sums of one pixel as the chip forms them, in whole numbers of any size. `inputs`: 1 for depthwise. */
function chipSums(arithmetic: KpuArithmetic, channel: number, inputs: number, weights: Uint8Array, bytes: Uint8Array) {
  const { argX, shiftX, argW, shiftW, argAdd, batchNorm } = arithmetic;
  let [products, sumOfBytes, sumOfWeights] = [0n, 0n, 0n];
  weights.forEach((weight, tap) => {
    products += BigInt(weight) * BigInt(bytes[tap]);
    sumOfBytes += BigInt(bytes[tap]);
    sumOfWeights += BigInt(weight);
  });
  const convolution =
    products +
    ((BigInt(argX) * sumOfBytes) >> BigInt(shiftX)) +
    ((BigInt(argW) * sumOfWeights) >> BigInt(shiftW)) +
    BigInt(argAdd) * BigInt(inputs);
  const { multiplier, shift, add } = batchNorm[channel];
  const normed = ((convolution * BigInt(multiplier)) >> BigInt(shift)) + BigInt(add);
  return { convolution: Number(convolution), batchNorm: Number(normed) };
}

import { Random } from '@graft/foundation';
import fc from 'fast-check';

import type { KernelGeometry } from './kernels';
import { convolve } from './kernels';

/** The definition, one tap at a time. */
function plainly(geometry: KernelGeometry, values: Float32Array, weights: Float64Array, pad: number): Float64Array {
  const { kind, kernel, stride, input, output } = geometry;
  const reach = (kernel - 1) / 2;
  const inputs = kind === 'depthwise' ? 1 : input.channels;
  const sums: number[] = [];
  for (let o = 0; o < output.channels; o++) {
    for (let y = 0; y < output.height; y++) {
      for (let x = 0; x < output.width; x++) {
        let sum = 0;
        for (let i = 0; i < inputs; i++) {
          for (let tap = 0; tap < kernel ** 2; tap++) {
            const row = y * stride + Math.floor(tap / kernel) - reach;
            const column = x * stride + (tap % kernel) - reach;
            const inside = row >= 0 && row < input.height && column >= 0 && column < input.width;
            const channel = kind === 'depthwise' ? o : i;
            const value = inside ? values[(channel * input.height + row) * input.width + column] : pad;
            sum += value * weights[(o * inputs + i) * kernel ** 2 + tap];
          }
        }
        sums.push(sum);
      }
    }
  }
  return Float64Array.from(sums);
}

test('sums are those of the definition, exactly, for whole numbers of any geometry', () => {
  const geometries = fc.record({
    kind: fc.constantFrom('convolution' as const, 'depthwise' as const),
    kernel: fc.constantFrom(1 as const, 3 as const),
    stride: fc.constantFrom(1 as const, 2 as const),
    inputs: fc.integer({ min: 1, max: 6 }),
    outputs: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 7 }),
    width: fc.integer({ min: 1, max: 7 }),
    pad: fc.integer({ min: -3, max: 3 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(geometries, ({ kind, stride, inputs, outputs, seed, pad, ...rest }) => {
      const depthwise = kind === 'depthwise';
      const input = { channels: inputs, height: rest.height * stride, width: rest.width * stride };
      const output = { channels: depthwise ? inputs : outputs, height: rest.height, width: rest.width };
      const geometry = { kind, kernel: depthwise ? (3 as const) : rest.kernel, stride, input, output };
      const random = Random.of(seed);
      const values = new Float32Array(input.channels * input.height * input.width).map(() => random.integer(255) - 127);
      const taps = output.channels * (depthwise ? 1 : inputs) * geometry.kernel ** 2;
      const weights = new Float64Array(taps).map(() => random.integer(255) - 127);
      expect(convolve(geometry, values, weights, pad)).toEqual(plainly(geometry, values, weights, pad));
    }),
  );
});

test('a map of more pixels than a tile is computed to its end', () => {
  const input = { channels: 2, height: 9, width: 11 };
  const geometry = { kind: 'convolution', kernel: 3, stride: 1, input, output: { ...input, channels: 5 } } as const;
  const values = new Float32Array(2 * 99).map((_, index) => (index * 7) % 13);
  const weights = new Float64Array(5 * 2 * 9).map((_, index) => (index * 5) % 11);
  expect(convolve(geometry, values, weights, 0)).toEqual(plainly(geometry, values, weights, 0));
});

test('sums of fractions are added tap by tap, like the definition adds them, to the last bit', () => {
  const random = Random.of(3);
  const input = { channels: 7, height: 9, width: 11 };
  const geometry = { kind: 'convolution', kernel: 1, stride: 1, input, output: { ...input, channels: 5 } } as const;
  const values = new Float32Array(7 * 99).map(() => random.normal());
  const weights = new Float64Array(5 * 7).map(() => random.normal());
  expect(convolve(geometry, values, weights, 0)).toEqual(plainly(geometry, values, weights, 0));
});

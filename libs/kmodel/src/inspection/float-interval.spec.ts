import fc from 'fast-check';

import type { FullyConnectedLayer } from '../kmodel';
import { floatInterval } from './float-interval';

const finite = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 8);
const ends = fc.tuple(finite, finite).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));

test('no input inside of its interval leads a dense layer out of the interval of the result', () => {
  const layers = fc.record({
    weights: fc.array(finite, { minLength: 6, maxLength: 6 }),
    bias: fc.array(finite, { minLength: 2, maxLength: 2 }),
    activation: fc.integer({ min: 0, max: 2 }),
    input: ends,
    shares: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 3, maxLength: 3 }),
  });
  fc.assert(
    fc.property(layers, ({ weights, bias, activation, input, shares }) => {
      const layer: FullyConnectedLayer = {
        ...{ kind: 'fullyConnected', flags: 0, input: 0, output: 0, inputChannels: 3, outputChannels: 2, activation },
        weights: Float32Array.from(weights),
        bias: Float32Array.from(bias),
      };
      const found = floatInterval(layer, [input]);
      const x = shares.map((share) => input.min + ((input.max - input.min) * share) / 8);
      for (const unit of [0, 1]) {
        const sum = x.reduce((all, value, index) => all + value * weights[3 * unit + index], bias[unit]);
        const value = activation === 0 ? sum : Math.min(Math.max(sum, 0), activation === 2 ? 6 : Infinity);
        expect(value).toBeGreaterThanOrEqual((found?.min ?? NaN) - 1e-9);
        expect(value).toBeLessThanOrEqual((found?.max ?? NaN) + 1e-9);
      }
    }),
  );
});

const vector = { flags: 0, input: 0, output: 64, channels: 4 } as const;
const range = (min: number, max: number) => ({ min, max });

test.each([
  ['softmax', range(0, 1)],
  ['logistic', range(0, 1)],
  ['l2Normalization', range(-1, 1)],
] as const)('the result of %s lies in its range whatever comes in', (kind, expected) => {
  expect(floatInterval({ kind, ...vector }, [null])).toEqual(expected);
});

test('a mean, a copy and a sum keep to what comes in', () => {
  const add = { kind: 'add', flags: 0, inputA: 0, inputB: 16, output: 32, count: 4 } as const;
  const concat = { kind: 'concat', flags: 0, output: 0, inputs: [] } as const;
  const pool = { kind: 'globalAveragePool', ...vector, kernelSize: 4 } as const;
  expect(floatInterval(add, [range(0, 1), range(-2, 5)])).toEqual(range(-2, 6));
  expect(floatInterval(concat, [range(0, 1), range(-2, 5), range(3, 9)])).toEqual(range(-2, 9));
  expect(floatInterval(pool, [range(-2, 5)])).toEqual(range(-2, 5));
  for (const layer of [add, concat, pool]) expect(floatInterval(layer, [null, range(0, 1)])).toBeNull();
});

test('each channel of a channelwise dequantize has its own ends', () => {
  const ranges = [{ scale: 1, bias: -5 }, { scale: -2, bias: 10 }]; // prettier-ignore
  const layer = { kind: 'channelwiseDequantize', ...vector, channels: 2, channelSize: 2, ranges } as const;
  expect(floatInterval(layer, [null])).toEqual(range(-500, 250));
});

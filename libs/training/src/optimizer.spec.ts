import * as tf from '@tensorflow/tfjs-core';

import { openBackend } from './backend';
import { Parameter } from './layer';
import { createOptimizer } from './optimizer';

const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

beforeAll(() => openBackend('wasm'));

function run(
  steps: number,
  { learningRate, ...options }: Parameters<typeof createOptimizer>[0] & { learningRate: number },
  slope: (value: number) => number,
  decays = true,
): number[] {
  const parameter = new Parameter('p', [1], Float32Array.of(1), decays);
  const optimizer = createOptimizer(options);
  return Array.from({ length: steps }, () => {
    optimizer.add(parameter, tf.tensor1d([slope(parameter.values[0])]));
    optimizer.step(learningRate);
    return parameter.values[0];
  });
}

test('eight steps of Adam follow the definition of Kingma and Ba', () => {
  const slope = (value: number) => 2 * value - 3;
  let [value, mean, square] = [1, 0, 0];
  const expected = Array.from({ length: 8 }, (_, step) => {
    mean = 0.9 * mean + 0.1 * slope(value);
    square = 0.999 * square + 0.001 * slope(value) ** 2;
    const [unbiasedMean, unbiasedSquare] = [mean / (1 - 0.9 ** (step + 1)), square / (1 - 0.999 ** (step + 1))];
    value -= (0.1 * unbiasedMean) / Math.sqrt(unbiasedSquare);
    return value;
  });
  const actual = run(8, { optimizer: adam, learningRate: 0.1, weightDecay: 0 }, slope);
  actual.forEach((number, step) => expect(number).toBeCloseTo(expected[step], 5));
});

test.each([
  // velocity −0.1, then 0.5 · −0.1 − 0.1 = −0.15
  [false, [0.9, 0.75]],
  // looks ahead: 0.5 · −0.1 − 0.1 = −0.15, then 0.5 · −0.15 − 0.1 = −0.175
  [true, [0.85, 0.675]],
])('momentum (nesterov: %s) gathers speed', (nesterov, expected) => {
  const options = { optimizer: { name: 'sgd', momentum: 0.5, nesterov }, learningRate: 0.1, weightDecay: 0 } as const;
  run(2, options, () => 1).forEach((value, step) => expect(value).toBeCloseTo(expected[step], 6));
});

test('weight decay shrinks kernels by its share of the learning rate, and nothing else', () => {
  const options = {
    optimizer: { name: 'sgd', momentum: 0, nesterov: false },
    learningRate: 0.1,
    weightDecay: 2,
  } as const;
  expect(run(1, options, () => 0)[0]).toBeCloseTo(0.8, 6);
  expect(run(1, options, () => 0, false)).toEqual([1]);
});

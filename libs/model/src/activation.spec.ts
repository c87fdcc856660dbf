import { activated, activationSlope } from './activation';
import type { Activation } from './activation';

const ALL: readonly Activation[] = [
  'linear',
  'relu',
  'relu6',
  'sigmoid',
  'tanh',
  'hard_swish',
  { kind: 'leaky_relu', alpha: 0.125 },
];
/** On both sides of every corner, and on none. */
const VALUES = [-5, -3.1, -2.9, -1, -0.01, 0.01, 1, 2.9, 3.1, 5.9, 6.1];

test.each(ALL)('the slope of %j is the difference of its values', (activation) => {
  for (const value of VALUES) {
    const difference = (activated(value + 1e-6, activation) - activated(value - 1e-6, activation)) / 2e-6;
    expect(activationSlope(value, activation)).toBeCloseTo(difference, 6);
  }
});

test.each<[Activation, number, number]>([
  ['relu', 0, 0],
  ['relu6', 0, 0],
  [{ kind: 'leaky_relu', alpha: 0.125 }, 0, 0.125],
  ['relu6', 6, 1],
  ['hard_swish', -3, 0],
  ['hard_swish', 3, 1.5],
])('on a corner the slope of %j is the one below it', (activation, corner, below) => {
  expect(activationSlope(corner, activation)).toBe(below);
});

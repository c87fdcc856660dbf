import { crossEntropy } from './loss';

const plain = { classes: 3, labelSmoothing: 0 };

test('the loss is minus the logarithm of the right class’s probability', () => {
  // Scores 0, 0, ln 2: probabilities 1/4, 1/4, 1/2.
  const { loss, correct } = crossEntropy(Float32Array.of(0, 0, Math.log(2), 0, 0, Math.log(2)), [2, 0], null, plain);
  expect(loss).toBeCloseTo(Math.log(2) + Math.log(4), 6);
  expect(correct).toBe(1);
});

test('label smoothing spreads its share over all classes', () => {
  const { loss, gradient } = crossEntropy(Float32Array.of(0, 0, Math.log(2)), [2], null, {
    classes: 3,
    labelSmoothing: 0.3,
  });
  // Targets 0.1, 0.1, 0.8.
  expect(loss).toBeCloseTo(0.2 * Math.log(4) + 0.8 * Math.log(2), 6);
  [0.25 - 0.1, 0.25 - 0.1, 0.5 - 0.8].forEach((value, at) => expect(gradient[at]).toBeCloseTo(value, 6));
});

test('a picture’s weight scales its loss and its gradient', () => {
  const scores = Float32Array.of(0.3, -1, 0.5);
  const one = crossEntropy(scores, [1], null, plain);
  const three = crossEntropy(scores, [1], [3], plain);
  expect(three.loss).toBeCloseTo(3 * one.loss, 6);
  three.gradient.forEach((value, at) => expect(value).toBeCloseTo(3 * one.gradient[at], 6));
});

test('huge scores do not overflow', () => {
  expect(crossEntropy(Float32Array.of(1e30, -1e30, 0), [0], null, plain).loss).toBe(0);
});

import { encodingOf, outputRange } from './activation-encoding';

test('ReLU ranges start at 0 and ReLU6 ends at 6 at most', () => {
  expect(outputRange('relu', { min: 0.5, max: 9 })).toEqual({ min: 0, max: 9 });
  expect(outputRange('relu6', { min: 0, max: 4 })).toEqual({ min: 0, max: 4 });
  expect(outputRange('relu6', { min: 0, max: 6.0001 })).toEqual({ min: 0, max: 6 });
});

test('a linear range holds 0', () => {
  expect(outputRange('linear', { min: 2, max: 9 })).toEqual({ min: 0, max: 9 });
  expect(outputRange('linear', { min: -9, max: -2 })).toEqual({ min: -9, max: 0 });
});

test('what a sigmoid and a tanh answer is known beforehand, and tanh has bytes for −1, 0 and 1', () => {
  expect(outputRange('sigmoid', { min: 0.2, max: 0.4 })).toEqual({ min: 0, max: 1 });
  const { scale, zeroPoint } = encodingOf(outputRange('tanh', { min: 0.2, max: 0.4 }));
  expect(zeroPoint).toBe(128);
  expect(scale).toBeCloseTo(1 / 127, 12);
});

test('leaky ReLU and hard swish cover what was measured, with 0 inside', () => {
  const leaky = { kind: 'leaky_relu', alpha: 0.1 } as const;
  expect(outputRange(leaky, { min: -0.5, max: 4 })).toEqual({ min: -0.5, max: 4 });
  expect(outputRange('hard_swish', { min: 0.5, max: 4 })).toEqual({ min: 0, max: 4 });
});

test('a layer that gives nothing but 0 still has a range', () => {
  expect(outputRange('relu6', { min: 0, max: 0 })).toEqual({ min: 0, max: 6 });
  expect(outputRange('relu', { min: 0, max: 0 })).toEqual({ min: 0, max: 1 });
  expect(outputRange('linear', { min: 0, max: 0 })).toEqual({ min: 0, max: 1 });
});

test('the zero point is the whole byte nearest to real 0', () => {
  expect(encodingOf({ min: 0, max: 6 })).toEqual({ scale: 6 / 255, zeroPoint: 0 });
  // 1 / (4 / 255) = 63.75
  expect(encodingOf({ min: -1, max: 3 })).toEqual({ scale: 4 / 255, zeroPoint: 64 });
});

import { renderCameraTable } from './bench-camera';

test('the table has accuracies with their intervals, and gains that are paired by picture', () => {
  // Each picture by itself: 1, 1, 0, 0 has a standard error of 0.2887, a gain of 0.5 for each has none.
  const without = { learnedWith: null, plain: [1, 1, 0, 0], taken: [0.5, 0, 0.5, 0] };
  const taught = { learnedWith: 'maix-bit', plain: [1, 0, 0, 0], taken: [1, 0.5, 1, 0.5] } as const;
  expect(renderCameraTable([without, taught]).split('\n').slice(2)).toEqual([
    '| without `camera` | 50.00 % ± 56.58 | 25.00 % ± 28.29 |',
    '| with `camera: maix-bit` | 25.00 % ± 49.00 | 75.00 % ± 28.29 |',
    '| gain in points | −25.00 ± 49.00 | +50.00 ± 0.00 |',
  ]);
});

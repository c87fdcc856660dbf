import fc from 'fast-check';

import { choleskyInPlace, solveInPlace } from './cholesky';

test('a system that can be solved by hand', () => {
  // 4x + 2y = 10, 2x + 5y = 17: x = 1, y = 3.
  const matrix = Float64Array.of(4, 0, 2, 5);
  choleskyInPlace(matrix, 2);
  expect([...matrix]).toEqual([2, 0, 1, 2]);
  expect([...solveInPlace(matrix, Float64Array.of(10, 17), 2)]).toEqual([1, 3]);
});

test('whatever the positive definite matrix: matrix times solution is the target', () => {
  const value = fc.double({ min: -3, max: 3, noNaN: true });
  const systems = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      factors: fc.array(value, { minLength: size * size, maxLength: size * size }),
      target: fc.array(value, { minLength: size, maxLength: size }),
    }),
  );
  fc.assert(
    fc.property(systems, ({ size, factors, target }) => {
      const matrix = Float64Array.from({ length: size * size }, (_, at) => {
        const [row, column] = [Math.floor(at / size), at % size];
        const product = Array.from({ length: size }, (__, k) => factors[row * size + k] * factors[column * size + k]);
        return product.reduce((sum, one) => sum + one, row === column ? 1 : 0);
      });
      const lower = matrix.slice();
      choleskyInPlace(lower, size);
      const solution = solveInPlace(lower, Float64Array.from(target), size);
      target.forEach((wanted, row) => {
        const found = solution.reduce((sum, x, column) => sum + x * matrix[row * size + column], 0);
        expect(found).toBeCloseTo(wanted, 8);
      });
    }),
  );
});

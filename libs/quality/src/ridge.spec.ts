import fc from 'fast-check';
import { addExample, emptyMoments, solveRidge } from './ridge';

interface Example {
  readonly numbers: readonly number[];
  readonly target: number;
  readonly weight: number;
}

const SIZE = 3;
const number = fc.integer({ min: -10, max: 10 });
const example: fc.Arbitrary<Example> = fc.record({
  numbers: fc.array(number, { minLength: SIZE, maxLength: SIZE }),
  target: number,
  weight: fc.integer({ min: 1, max: 4 }),
});

function momentsOf(examples: readonly Example[]) {
  const moments = emptyMoments(SIZE, 2);
  for (const { numbers, target, weight } of examples)
    addExample(moments, Float64Array.from(numbers), [target, -target], weight);
  return moments;
}

const dot = (a: ArrayLike<number>, b: readonly number[]) => b.reduce((sum, value, at) => sum + value * a[at], 0);

/** What is to be made small. */
const costOf = (weights: ArrayLike<number>, examples: readonly Example[], penalty: number) =>
  examples.reduce((sum, { numbers, target, weight }) => sum + weight * (dot(weights, numbers) - target) ** 2, 0) +
  penalty * Array.from(weights).reduce((sum, value) => sum + value ** 2, 0);

test('no step in any direction makes error and penalty smaller', () => {
  fc.assert(
    fc.property(
      fc.array(example, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (examples, penalty) => {
        const [weights] = solveRidge(momentsOf(examples), penalty);
        const best = costOf(weights, examples, penalty);
        for (let at = 0; at < SIZE; at++) {
          for (const step of [1e-3, -1e-3]) {
            const other = weights.slice();
            other[at] += step;
            expect(costOf(other, examples, penalty)).toBeGreaterThan(best);
          }
        }
      },
    ),
  );
});

test('what is added and taken away again leaves the weights as they were', () => {
  fc.assert(
    fc.property(fc.array(example, { minLength: 1, maxLength: 8 }), example, (examples, passing) => {
      const moments = momentsOf(examples);
      const numbers = Float64Array.from(passing.numbers);
      addExample(moments, numbers, [passing.target, 1], passing.weight);
      addExample(moments, numbers, [passing.target, 1], -passing.weight);
      expect(solveRidge(moments, 1)).toEqual(solveRidge(momentsOf(examples), 1));
    }),
  );
});

test('each target has weights of its own', () => {
  const [first, second] = solveRidge(momentsOf([{ numbers: [1, 0, 2], target: 5, weight: 1 }]), 0.5);
  first.forEach((value, at) => expect(second[at]).toBeCloseTo(-value, 12));
});

test('a negligible penalty finds the line through points that lie on one', () => {
  const line = [3, -2, 1];
  const examples = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [2, 3, 5],
  ].map((numbers) => ({ numbers, target: dot(line, numbers), weight: 1 }));
  const [weights] = solveRidge(momentsOf(examples), 1e-9);
  weights.forEach((value, at) => expect(value).toBeCloseTo(line[at], 6));
});

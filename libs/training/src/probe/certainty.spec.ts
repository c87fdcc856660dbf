import fc from 'fast-check';

import { certaintyOf, type Scored } from './certainty';

const loss = (answers: readonly Scored[], factor: number) =>
  answers.reduce((sum, { scores, label }) => {
    const powers = scores.map((score) => Math.exp(factor * (score - scores[label])));
    return sum + Math.log(powers.reduce((total, power) => total + power, 0));
  }, 0);

const answer = fc
  .tuple(fc.float64Array({ minLength: 3, maxLength: 3, min: -1, max: 2, noNaN: true }), fc.integer({ min: 0, max: 2 }))
  .map(([scores, label]): Scored => ({ scores, label }));

test('no other factor is less wrong', () => {
  fc.assert(
    fc.property(
      fc.array(answer, { minLength: 1, maxLength: 30 }),
      fc.double({ min: 0.1, max: 50, noNaN: true }),
      (answers, other) => {
        expect(loss(answers, certaintyOf(answers))).toBeLessThanOrEqual(loss(answers, other) + 1e-6);
      },
    ),
  );
});

test('answers that are right three times out of four get about three quarters of the certainty', () => {
  const answers = [0, 0, 0, 1].map((label) => ({ scores: Float64Array.of(0.7, 0.3), label }));
  const factor = certaintyOf(answers);
  expect(1 / (1 + Math.exp(-0.4 * factor))).toBeCloseTo(0.75, 4);
});

test('without answers scores stay as they are, and with none but right ones they stay finite', () => {
  expect(certaintyOf([])).toBe(1);
  const sure = certaintyOf([{ scores: Float64Array.of(1, 0), label: 0 }]);
  expect(sure).toBeGreaterThan(30);
  expect(sure).toBeLessThanOrEqual(50);
});

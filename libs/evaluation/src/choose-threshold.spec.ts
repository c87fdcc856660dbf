import fc from 'fast-check';
import { chooseThreshold, REFUSES_ALL } from './choose-threshold';
import type { ScoredAnswer } from './choose-threshold';

const unknown = (...scores: readonly number[]): ScoredAnswer[] =>
  scores.map((score) => ({ score: Math.fround(score), wrong: true }));
const right = (...scores: readonly number[]): ScoredAnswer[] =>
  scores.map((score) => ({ score: Math.fround(score), wrong: false }));

/** As the board's script counts: in single precision. */
const acceptedWrongly = (answers: readonly ScoredAnswer[], threshold: number): number =>
  answers.filter(({ score, wrong }) => wrong && score >= Math.fround(threshold)).length;

test('the threshold lies half-way between the last score that must be refused and the next', () => {
  // One of four may be accepted: 0.9 is, 0.8 is not.
  expect(chooseThreshold(unknown(0.5, 0.9, 0.8, 0.6), 0.25)).toBe(0.85);
  expect(chooseThreshold(unknown(0.5, 0.9, 0.8, 0.6), 0.5)).toBe(0.7);
  // None may be: half-way to certainty, or to a right answer above.
  expect(chooseThreshold(unknown(0.5, 0.9, 0.8, 0.6), 0.24)).toBe(0.95);
  expect(chooseThreshold([...unknown(0.5, 0.9), ...right(0.94)], 0)).toBe(0.92);
});

test('equal scores are accepted or refused together, so that a share is kept and not just reached', () => {
  expect(chooseThreshold(unknown(0.7, 0.7, 0.7, 0.6), 0.25)).toBe(0.85);
});

test('nothing is refused where no more than the share is wrong', () => {
  expect(chooseThreshold([...unknown(0.99), ...right(...Array<number>(49).fill(0.9))], 0.02)).toBe(0);
  expect(chooseThreshold(unknown(0.99), 1)).toBe(0);
});

test('where wrong answers are certain, only a threshold that nothing reaches keeps the share', () => {
  expect(chooseThreshold(unknown(1, 1, 0.4), 0.34)).toBe(REFUSES_ALL);
  expect(chooseThreshold(unknown(1, 1, 0.4), 0.67)).toBe(0.7);
});

test('scores that hardly differ are told apart in the precision of the board', () => {
  const [low, high] = [Math.fround(0.9), Math.fround(0.90000004)];
  expect(high).toBeGreaterThan(low);
  const threshold = chooseThreshold([...unknown(low), ...right(high)], 0);
  expect(Math.fround(threshold)).toBe(high);
});

const probability = fc.float({ min: 0, max: 1, noNaN: true }).map(Math.fround);
const answers = fc.array(fc.record({ score: probability, wrong: fc.boolean() }), { minLength: 1, maxLength: 60 });
const rate = fc.double({ min: 0, max: 0.6, noNaN: true });

test('no more than the share is accepted wrongly, and a lower threshold would accept more', () => {
  fc.assert(
    fc.property(answers, rate, (all, falseAccept) => {
      const threshold = chooseThreshold(all, falseAccept);
      expect(acceptedWrongly(all, threshold) / all.length).toBeLessThanOrEqual(falseAccept + 1e-9);
      const refused = all.filter(({ score, wrong }) => wrong && score < Math.fround(threshold));
      if (threshold === 0) return;
      const next = Math.max(...refused.map(({ score }) => score));
      expect(acceptedWrongly(all, next) / all.length).toBeGreaterThan(falseAccept);
    }),
  );
});

test('a larger share never raises the threshold', () => {
  fc.assert(
    fc.property(answers, rate, rate, (all, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      expect(chooseThreshold(all, more)).toBeLessThanOrEqual(chooseThreshold(all, less));
    }),
  );
});

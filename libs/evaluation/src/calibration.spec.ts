import * as fc from 'fast-check';
import { calibrationOf } from './calibration';

const answer = (sure: number, right: boolean) => ({ probabilities: [sure, 1 - sure], label: right ? 0 : 1 });

test('answers that are right as often as they say have no error', () => {
  const answers = [answer(0.75, true), answer(0.75, true), answer(0.75, true), answer(0.75, false)];
  expect(calibrationOf(answers).expectedError).toBe(0);
});

test('the error is the gap of each bin, weighted by its pictures', () => {
  // By hand: (0.6 − 0) of 1 picture and (1 − 0.9) of 3: (0.6 + 0.3) / 4.
  const answers = [answer(0.6, false), answer(0.9, true), answer(0.9, true), answer(0.9, true)];
  const { bins, expectedError } = calibrationOf(answers);
  expect(expectedError).toBeCloseTo(0.225, 12);
  expect(bins[5]).toEqual({ low: 0.5, high: 0.6, count: 1, confidence: 0.6, accuracy: 0 });
  expect(bins[8]).toMatchObject({ low: 0.8, high: 0.9, count: 3, accuracy: 1 });
  expect(bins[9]).toEqual({ low: 0.9, high: 1, count: 0, confidence: null, accuracy: null });
});

test('every answer is in one bin, and the error is a share', () => {
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(probability, fc.boolean())), (pairs) => {
      const { bins, expectedError } = calibrationOf(pairs.map(([sure, right]) => answer(sure, right)));
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(pairs.length);
      expect(expectedError).toBeGreaterThanOrEqual(0);
      expect(expectedError).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
});

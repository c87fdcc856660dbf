import { Random } from '@graft/foundation';
import fc from 'fast-check';

import { searchRounding } from './search-rounding';
import type { RoundingProblem } from './search-rounding';

const SAMPLES = 128;

/** One output of `taps` inputs that move together, so that errors of two weights can make up for each other. */
function problemOf(seed: number, taps: number): RoundingProblem {
  const random = Random.of(seed);
  const real = Float64Array.from({ length: taps }, () => 0.1 * random.between(-20, 20));
  const common = Array.from({ length: SAMPLES }, () => random.between(0, 100));
  const windows = new Float32Array(taps * SAMPLES).map((_, at) =>
    Math.floor(common[at % SAMPLES] + random.between(0, 60)),
  );
  return {
    bytes: Uint8Array.from(real, (weight) => Math.round(weight / 0.1) + 128),
    scales: Float64Array.of(0.1),
    zeroPoint: 128,
    inputScale: 0.02,
    real,
    windows,
    target: Float32Array.from(common, (_, sample) =>
      real.reduce((sum, weight, tap) => sum + weight * 0.02 * windows[tap * SAMPLES + sample], 0.5),
    ),
  };
}

const copyOf = (problem: RoundingProblem): RoundingProblem => ({
  ...problem,
  bytes: Uint8Array.from(problem.bytes),
  scales: Float64Array.from(problem.scales),
});

function searched(problem: RoundingProblem): RoundingProblem {
  const copy = copyOf(problem);
  searchRounding(copy);
  return copy;
}

/** Variance of the error at some samples: what is left when the bias has taken its mean. */
function errorOf({ bytes, scales, windows, target }: RoundingProblem, at = [...target.keys()]): number {
  const errors = at.map((sample) =>
    bytes.reduce(
      (sum, byte, tap) => sum + (byte - 128) * scales[0] * 0.02 * windows[tap * SAMPLES + sample],
      -target[sample],
    ),
  );
  const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
  return errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length;
}

/** What the search makes small: the error, and a fiftieth of what the roundings would cost if inputs were independent. */
function penalised(problem: RoundingProblem): number {
  const { bytes, scales, real, windows } = problem;
  const [scale] = scales;
  const variances = Array.from(real, (_, tap) => {
    const values = windows.subarray(tap * SAMPLES, (tap + 1) * SAMPLES);
    const mean = values.reduce((a, b) => a + b, 0) / SAMPLES;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SAMPLES;
  });
  const variance = variances.reduce((a, b) => a + b, 0) / variances.length;
  const shifts = bytes.reduce((sum, byte, tap) => sum + (byte - 128 - real[tap] / scale) ** 2, 0);
  return errorOf(problem) + 0.02 * variance * (0.02 * scale) ** 2 * shifts;
}

test('no weight leaves the two steps around its real value, and what is made small does not grow', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 80 }), (seed, taps) => {
      const problem = problemOf(seed, taps);
      const found = searched(problem);
      const [scale] = found.scales;
      found.bytes.forEach((byte, tap) =>
        expect(Math.abs(byte - 128 - problem.real[tap] / scale)).toBeLessThan(1.0000001),
      );
      expect(penalised(found)).toBeLessThanOrEqual(penalised(problem) * 1.0001);
      expect(searched(problem)).toEqual(found);
    }),
    { numRuns: 60 },
  );
});

test('on many inputs the error falls by more than half', () => {
  const problem = problemOf(3, 32);
  expect(errorOf(searched(problem))).toBeLessThan(errorOf(problem) / 2);
});

test('few weights get a coarser step where that fits better, by a sixteenth at most', () => {
  const scales = [1, 2, 3, 4, 5].map((seed) => searched(problemOf(seed, 9)).scales[0]);
  expect(Math.max(...scales)).toBeGreaterThan(0.1);
  for (const scale of scales) {
    expect(scale).toBeGreaterThanOrEqual(0.1);
    expect(scale).toBeLessThan(0.1 * (1 + 1 / 15));
  }
});

test('samples that the activation hides do not count', () => {
  const problem = problemOf(6, 9);
  const live = { min: 0, max: 3 };
  const near = [...problem.target.keys()].filter((at) => problem.target[at] > -0.5 && problem.target[at] < 3.5);
  expect(near.length).toBeLessThan(SAMPLES);
  const nearOnly = searched({ ...problem, live });
  expect(errorOf(nearOnly, near)).toBeLessThanOrEqual(errorOf(searched(problem), near));
});

test('dead channels stay as they are', () => {
  const dead = { ...problemOf(4, 8), scales: Float64Array.of(0) };
  expect(searched(dead)).toEqual(dead);
});

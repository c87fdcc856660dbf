import { Random } from '@graft/foundation';
import fc from 'fast-check';

import { answer, ridge, type LinearProbe, type Sample } from './ridge';

const samplesOf = (rows: readonly (readonly number[])[], labels: readonly number[]): Sample[] =>
  rows.map((row, index) => ({ features: Float32Array.from(row), label: labels[index] }));

function drawn(count: number, width: number, classes: number, seed: number): Sample[] {
  const random = Random.of(seed, 'ridge');
  const rows = Array.from({ length: count }, () => Array.from({ length: width }, () => random.normal()));
  return samplesOf(
    rows,
    rows.map((_, index) => index % classes),
  );
}

const score = ({ weights, bias }: LinearProbe, features: Float32Array, label: number): number =>
  features.reduce((sum, value, at) => sum + value * weights[label * features.length + at], bias[label]);

describe('ridge regression', () => {
  test('of one feature is the closed form: covariance over variance plus penalty', () => {
    // x = 1, 3 | 5, 7: mean 4, variance 5, floor 0.05; y of class 1: mean 1/2; mean of (x − 4)(y − 1/2) = 1.
    const probe = ridge(samplesOf([[1], [3], [5], [7]], [0, 0, 1, 1]), 2, 0.1);
    const deviation = Math.sqrt(5.05);
    const weight = 1 / deviation / (5 / 5.05 + 0.1);
    expect(probe.weights[1]).toBeCloseTo(weight / deviation, 12);
    expect(probe.weights[0]).toBeCloseTo(-weight / deviation, 12);
    expect(score(probe, Float32Array.of(4), 1)).toBeCloseTo(0.5, 12);
  });

  test.each([
    ['fewer samples than features', 6, 30],
    ['more samples than features', 40, 9],
  ])('a sample of weight 2 is as good as two: %s', (_, count, width) => {
    const samples = drawn(count, width, 3, 8);
    const doubled = samples.flatMap((sample, index) => (index % 2 === 0 ? [sample, sample] : [sample]));
    const weighted = samples.map((sample, index) => ({ ...sample, weight: index % 2 === 0 ? 2 : 1 }));
    const [expected, probe] = [ridge(doubled, 3, 0.1), ridge(weighted, 3, 0.1)];
    probe.weights.forEach((weight, at) => expect(weight).toBeCloseTo(expected.weights[at], 10));
    probe.bias.forEach((bias, at) => expect(bias).toBeCloseTo(expected.bias[at], 10));
  });

  test.each([
    ['fewer samples than features', 12, 30],
    ['more samples than features', 40, 9],
  ])('with %s stands where the gradient of its loss is zero', (_, count, width) => {
    const samples = drawn(count, width, 3, 5);
    const probe = ridge(samples, 3, 0.1);
    // In raw features the penalty is on weight · deviation, which is undone here by hand.
    const mean = Array.from({ length: width }, (__, at) =>
      samples.reduce((sum, { features }) => sum + features[at] / count, 0),
    );
    const variance = mean.map((middle, at) =>
      samples.reduce((sum, { features }) => sum + (features[at] - middle) ** 2 / count, 0),
    );
    const floor = (0.01 * variance.reduce((sum, value) => sum + value, 0)) / width;
    for (let label = 0; label < 3; label++) {
      for (let at = 0; at < width; at++) {
        const deviation = Math.sqrt(variance[at] + floor);
        const pull = samples.reduce((sum, sample) => {
          const error = score(probe, sample.features, label) - Number(sample.label === label);
          return sum + (error * (sample.features[at] - mean[at])) / deviation / count;
        }, 0);
        expect(pull + 0.1 * probe.weights[label * width + at] * deviation).toBeCloseTo(0, 10);
      }
    }
  });

  test('gives every picture the shares of the classes where no feature tells anything', () => {
    const probe = ridge(
      samplesOf(
        [
          [2, 2],
          [2, 2],
          [2, 2],
        ],
        [0, 0, 1],
      ),
      2,
      0.1,
    );
    expect([...probe.weights]).toEqual([0, 0, 0, 0]);
    expect(probe.bias[0]).toBeCloseTo(2 / 3, 12);
    expect(answer(probe, Float32Array.of(9, -9))).toBe(0);
  });

  test('does not depend on the order of the samples beyond rounding, and not at all on the run', () => {
    const samples = drawn(30, 20, 2, 8);
    const [first, again] = [ridge(samples, 2, 0.1), ridge(samples, 2, 0.1)];
    expect(again).toEqual(first);
    const turned = ridge(samples.toReversed(), 2, 0.1);
    turned.weights.forEach((weight, at) => expect(weight).toBeCloseTo(first.weights[at], 10));
  });

  test('classes that lie apart are told apart, whatever the offset and scale of a feature', () => {
    const offsets = fc.double({ min: -100, max: 100, noNaN: true });
    const scales = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(offsets, scales, fc.integer({ min: 0, max: 99 }), (offset, scale, seed) => {
        const random = Random.of(seed, 'apart');
        const labels = Array.from({ length: 20 }, (_, index) => index % 2);
        const rows = labels.map((label) => [offset + scale * (2 * label + random.between(-0.3, 0.3))]);
        const samples = samplesOf(rows, labels);
        const probe = ridge(samples, 2, 0.1);
        samples.forEach(({ features, label }) => expect(answer(probe, features)).toBe(label));
      }),
    );
  });
});

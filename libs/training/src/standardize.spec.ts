import { Random } from '@graft/foundation';

import { featureStatistics, mergeStandardize } from './standardize';

const random = Random.of(5);
const rows = Float32Array.from({ length: 40 * 3 }, (_, at) =>
  at % 3 === 2 ? 0.25 : random.normal() * (1 + (at % 3)) + 4,
);

test('features come out with mean 0 and deviation 1; constant ones are not blown up', () => {
  const { mean, inverse } = featureStatistics(rows, 3);
  const columns = [0, 1, 2].map((column) =>
    [...rows].filter((_, at) => at % 3 === column).map((value) => (value - mean[column]) * inverse[column]),
  );
  const deviation = (values: readonly number[]) =>
    Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  expect(deviation(columns[0])).toBeCloseTo(1, 1);
  expect(deviation(columns[1])).toBeCloseTo(1, 1);
  expect(deviation(columns[2])).toBeLessThan(1e-5);
  expect(inverse[2]).toBeLessThan(20);
});

test('merged into the dense layer, the answers stay the same', () => {
  const statistics = featureStatistics(rows, 3);
  const node = {
    kind: 'dense',
    name: 'd',
    inputs: 3,
    units: 2,
    weights: Float32Array.of(1, -2, 3, 0.5, 0.25, -1),
    bias: Float32Array.of(0.1, 0.2),
  } as const;
  const merged = mergeStandardize(node, statistics);
  const answer = (weights: Float32Array, bias: Float32Array, x: readonly number[]) =>
    [0, 1].map((unit) => x.reduce((sum, value, at) => sum + value * weights[unit * 3 + at], bias[unit]));
  const picture = [...rows.subarray(0, 3)];
  const standard = picture.map((value, at) => (value - statistics.mean[at]) * statistics.inverse[at]);
  const expected = answer(node.weights, node.bias, standard);
  answer(merged.weights, merged.bias, picture).forEach((value, at) => expect(value).toBeCloseTo(expected[at], 4));
});

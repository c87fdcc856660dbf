import type { FloatTailNode } from './quantized-graph';
import { tailRanges } from './tail-ranges';

const pool = { kind: 'globalAveragePool', name: 'pool' } as const;
const dense: FloatTailNode = {
  kind: 'dense',
  name: 'dense_1',
  inputs: 2,
  units: 2,
  activation: 'relu',
  weights: Float32Array.of(1, 1, -1, 0),
  bias: Float32Array.of(0.5, 0),
};
const softmax = { kind: 'softmax', name: 'softmax' } as const;
const pooled = [Float32Array.of(1, 2), Float32Array.of(0.25, 4)];

test('ranges of pool and dense layers hold all values before and after the activation', () => {
  // Units: 1 + 2 + 0.5 and −1; 0.25 + 4 + 0.5 and −0.25.
  expect(tailRanges([pool, dense, softmax], pooled)).toEqual([
    { name: 'pool', before: { min: 0.25, max: 4 }, after: { min: 0.25, max: 4 }, inputMeans: [] },
    { name: 'dense_1', before: { min: -1, max: 4.75 }, after: { min: 0, max: 4.75 }, inputMeans: [0.625, 3] },
  ]);
});

test('a layer reads what the activation of the one before it gives', () => {
  const second: FloatTailNode = { ...dense, name: 'dense_2', activation: 'linear' };
  // 3.5 and 0, 4.75 and 0 come in.
  expect(tailRanges([pool, dense, second], pooled)[2]).toMatchObject({ before: { min: -4.75, max: 5.25 } });
});

test('a network without a tail has no ranges', () => {
  expect(tailRanges([], [])).toEqual([]);
});

import type { DenseChoice } from '@graft/compiler';
import { denseOnKpu, possibleCuts } from './fit';

const CHOICE: DenseChoice = {
  onKpu: 2,
  hidden: 2,
  hiddenWeights: 300_000,
  reason: 'many weights',
  floatFits: true,
};
const IN_FLOAT: DenseChoice = { ...CHOICE, onKpu: 0, reason: 'few weights' };

test.each([
  ['there for their size alone, may', { reason: 'many weights' }, true],
  ['there because nothing else fits, may not', { reason: 'only this fits', floatFits: false }, false],
  [
    'there for their size where floats would not fit either, may not',
    { reason: 'many weights', floatFits: false },
    false,
  ],
  ['there as the experiment asks, may not', { reason: 'asked' }, false],
] as const)('dense layers that are %s go back to the CPU', (_, changes, mayFallBack) => {
  expect(denseOnKpu([{ ...CHOICE, ...changes }])).toEqual({ layers: 2, mayFallBack });
});

test('dense layers run on the KPU when they do so behind any cut, and stay there when one cut needs it', () => {
  expect(denseOnKpu([IN_FLOAT, CHOICE])).toEqual({ layers: 2, mayFallBack: true });
  const needed: DenseChoice = { ...CHOICE, reason: 'only this fits', floatFits: false };
  expect(denseOnKpu([IN_FLOAT, CHOICE, needed])).toEqual({ layers: 2, mayFallBack: false });
});

test('a network that cannot be built has none, nor one without hidden layers', () => {
  expect(denseOnKpu([IN_FLOAT])).toEqual({ layers: 0, mayFallBack: false });
  expect(denseOnKpu([])).toEqual({ layers: 0, mayFallBack: false });
});

test.each([
  ['conv_dw_9', null, 'conv_pw_9_relu'],
  [null, 'conv_pw_11', 'conv_pw_11_relu'],
  ['conv_dw_9', 'conv_pw_11', 'conv_pw_11_relu'],
  [null, null, 'conv1_relu'],
])('cuts keep the layers with which later phases begin: %s, %s', (fineTune, aware, first) => {
  const phase = { epochs: 1, learningRate: 0.1 };
  const cuts = possibleCuts({
    model: { alpha: 1 },
    train: { fineTune: fineTune === null ? null : { ...phase, unfreezeFrom: fineTune } },
    quantize: { awareTraining: aware === null ? null : { ...phase, unfreezeFrom: aware } },
  });
  expect(cuts[0]).toBe(first);
});

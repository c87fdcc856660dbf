import { classWeights } from './class-weights';
import { epochRules, type EpochMetrics } from './epochs';

const epochs = (losses: readonly number[]): EpochMetrics[] =>
  losses.map((valLoss, index) => ({
    epoch: index + 1,
    phase: 'training',
    learningRate: 1,
    loss: 1,
    accuracy: 1,
    valLoss,
    valAccuracy: 1 - valLoss,
  }));

const stopping = { monitor: 'val_loss', patience: 2, minDelta: 0.1, restoreBestWeights: true } as const;

function stopAfter(losses: readonly number[]): number | undefined {
  const rules = epochRules({ earlyStopping: stopping, checkpoint: null });
  return epochs(losses).find((metrics) => rules.stops(metrics))?.epoch;
}

test('training stops after as many epochs without progress as patience allows', () => {
  expect(stopAfter([0.9, 0.5, 0.5, 0.6, 0.2])).toBe(4);
});

test('progress below min_delta does not count, however often it comes', () => {
  expect(stopAfter([0.9, 0.85, 0.81, 0.5])).toBe(3);
});

function kept(rules: ReturnType<typeof epochRules>, losses: readonly number[]): number | undefined {
  return epochs(losses)
    .filter((metrics) => rules.keeps(metrics))
    .at(-1)?.epoch;
}

const LOSSES = [0.9, 0.5, 0.45, 0.45, 0.7];

test.each([
  [
    'the checkpoint keeps the first of the best',
    { earlyStopping: stopping, checkpoint: { monitor: 'val_accuracy' } },
    3,
  ],
  ['early stopping keeps the best by its own measure', { earlyStopping: stopping, checkpoint: null }, 2],
  ['nothing is watched: the last stays', { earlyStopping: null, checkpoint: null }, 5],
  [
    'early stopping that restores nothing: the last stays',
    { earlyStopping: { ...stopping, restoreBestWeights: false }, checkpoint: null },
    5,
  ],
] as const)('%s', (_, rules, epoch) => {
  expect(kept(epochRules(rules), LOSSES)).toBe(epoch);
});

describe('class weights', () => {
  test('balance makes each class weigh the same', () => {
    const labels = [0, 0, 0, 1];
    const [first, second] = classWeights('balanced', ['a', 'b'], labels);
    expect(3 * first).toBeCloseTo(second, 6);
    expect(3 * first + second).toBeCloseTo(labels.length, 6);
  });

  test('by hand they go by key; 1 where none is given', () => {
    expect(classWeights({ b: 1.5 }, ['a', 'b'], [])).toEqual([1, 1.5]);
    expect(classWeights('none', ['a', 'b'], [0])).toEqual([1, 1]);
  });
});

import { epochRules, type EpochMetrics } from './epochs';
import { kerasFixture, plainTraining, relativeError } from './keras-parity.sample';
import { learningRate } from './learning-rate';

interface Rates {
  readonly rate: number;
  readonly rates: readonly number[];
}

const fixture = kerasFixture<{
  readonly cosine: Rates;
  readonly 'cosine after warm-up': Rates & { readonly warmup: number };
  readonly step: Rates;
  readonly plateau: Rates & {
    readonly factor: number;
    readonly patience: number;
    readonly losses: readonly number[];
  };
  readonly 'early stopping': {
    readonly patience: number;
    readonly minDelta: number;
    readonly losses: readonly number[];
    readonly epochs: number;
    readonly bestEpoch: number;
  };
}>('schedules');

const STEPS_PER_EPOCH = 3;

function ratesOf(options: Partial<Parameters<typeof learningRate>[0]>, steps: number): number[] {
  const rate = learningRate({ ...plainTraining(0.1, 1), epochs: steps / STEPS_PER_EPOCH, ...options }, STEPS_PER_EPOCH);
  return Array.from({ length: steps }, (_, step) => rate.at(step));
}

function epochOf(epoch: number, valLoss: number): EpochMetrics {
  return { epoch, phase: 'training', learningRate: 1, loss: 1, accuracy: 0, valLoss, valAccuracy: 0 };
}

test('cosine falls as in Keras', () => {
  const { rates } = fixture.cosine;
  expect(relativeError(ratesOf({ schedule: { name: 'cosine' } }, rates.length), rates)).toBeLessThan(1e-7);
});

test('after the warm-up, cosine falls as in Keras; within it, no step is idle', () => {
  const { rates, warmup, rate } = fixture['cosine after warm-up'];
  const ours = ratesOf({ schedule: { name: 'cosine' }, warmupEpochs: warmup / STEPS_PER_EPOCH }, rates.length);
  expect(relativeError(ours.slice(warmup), rates.slice(warmup))).toBeLessThan(1e-7);
  // Keras rises from 0, which the first step gets; ours rises from the step before the first one.
  expect(rates.slice(0, warmup).map((value) => value / rate)).toEqual([0, 1, 2].map((n) => expect.closeTo(n / 3, 6)));
  expect(ours.slice(0, warmup).map((value) => value / rate)).toEqual([1, 2, 3].map((n) => expect.closeTo(n / 4, 6)));
});

test('steps fall as Keras’s exponential decay by stairs', () => {
  const { rates } = fixture.step;
  const ours = ratesOf({ schedule: { name: 'step', every: 2, factor: 0.5 } }, rates.length);
  expect(relativeError(ours, rates)).toBeLessThan(1e-7);
});

test('a plateau lowers the rate after the same epochs as in Keras', () => {
  const { rate, rates, factor, patience, losses } = fixture.plateau;
  const schedule = { name: 'plateau', factor, patience } as const;
  const ours = learningRate({ ...plainTraining(rate, 1), epochs: losses.length, schedule }, 1);
  const seen = losses.map((loss, index) => {
    ours.see(epochOf(index + 1, loss));
    return ours.at(index + 1);
  });
  expect(seen).toEqual(rates);
});

test('early stopping ends with the same epoch as in Keras and keeps the same one', () => {
  const { patience, minDelta, losses, epochs, bestEpoch } = fixture['early stopping'];
  const earlyStopping = { monitor: 'val_loss', patience, minDelta, restoreBestWeights: true } as const;
  const rules = epochRules({ earlyStopping, checkpoint: null });
  let kept = 0;
  const ended = losses.findIndex((loss, index) => {
    const metrics = epochOf(index + 1, loss);
    if (rules.keeps(metrics)) kept = index + 1;
    return rules.stops(metrics);
  });
  expect([ended + 1, kept]).toEqual([epochs, bestEpoch]);
});

import type { TrainSection } from '@graft/spec';
import fc from 'fast-check';

import { learningRate } from './learning-rate';

type Schedule = TrainSection['schedule'];

const STEPS = 4;

function rates(schedule: Schedule, { epochs = 6, warmupEpochs = 0, losses = [] as number[] } = {}): number[] {
  const rate = learningRate({ epochs, learningRate: 0.1, schedule, warmupEpochs }, STEPS);
  return Array.from({ length: epochs }, (_, index) => {
    const first = rate.at(index * STEPS);
    rate.see({
      epoch: index + 1,
      phase: 'training',
      learningRate: first,
      loss: 0,
      accuracy: 0,
      valLoss: losses[index] ?? 1,
      valAccuracy: 0,
    });
    return first;
  });
}

const rounded = (numbers: readonly number[]) => numbers.map((number) => Number(number.toFixed(6)));

test('a constant rate stays', () => {
  expect(rates({ name: 'constant' })).toEqual([0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
});

test('a cosine comes down from the rate to almost nothing, half of it in the middle', () => {
  const rate = learningRate({ epochs: 6, learningRate: 0.1, schedule: { name: 'cosine' }, warmupEpochs: 0 }, STEPS);
  expect(rate.at(0)).toBe(0.1);
  expect(rate.at(12)).toBeCloseTo(0.05, 12);
  // (1 + cos(23π/24)) / 2 = 0.004277…
  expect(rate.at(23)).toBeCloseTo(0.0004277, 6);
});

test('steps multiply the rate after every few epochs', () => {
  expect(rounded(rates({ name: 'step', every: 2, factor: 0.5 }))).toEqual([0.1, 0.1, 0.05, 0.05, 0.025, 0.025]);
});

test('a plateau lowers the rate once patience is over, and again', () => {
  const losses = [1, 0.9, 0.9, 0.95, 0.9, 0.9, 0.8, 0.8];
  const schedule = { name: 'plateau', patience: 2, factor: 0.1 } as const;
  // Best in epoch 2; lowered after epochs 4 and 6; epoch 7 is better.
  expect(rounded(rates(schedule, { epochs: 8, losses }))).toEqual([0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001]);
});

test('warm-up epochs do not make a plateau', () => {
  const schedule = { name: 'plateau', patience: 2, factor: 0.5 } as const;
  const losses = [0.1, 0.5, 0.5, 0.5, 0.5, 0.5];
  expect(rounded(rates(schedule, { warmupEpochs: 2, losses })).slice(2)).toEqual([0.1, 0.1, 0.05, 0.05]);
});

test('a warm-up rises evenly to the full rate', () => {
  const rate = learningRate({ epochs: 3, learningRate: 0.1, schedule: { name: 'constant' }, warmupEpochs: 1 }, STEPS);
  expect(rounded([0, 1, 2, 3, 4, 5].map((step) => rate.at(step)))).toEqual([0.02, 0.04, 0.06, 0.08, 0.1, 0.1]);
});

test('no schedule ever leaves the range from 0 to the rate', () => {
  const schedule = fc.oneof(
    fc.constant<Schedule>({ name: 'constant' }),
    fc.constant<Schedule>({ name: 'cosine' }),
    fc.record({
      name: fc.constant('step' as const),
      every: fc.integer({ min: 1, max: 5 }),
      factor: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
    fc.record({
      name: fc.constant('plateau' as const),
      patience: fc.integer({ min: 1, max: 5 }),
      factor: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(schedule, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 19 }), (one, epochs, warm) => {
      const warmupEpochs = Math.min(warm, epochs - 1);
      for (const rate of rates(one, { epochs, warmupEpochs })) {
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(0.1);
      }
    }),
  );
});

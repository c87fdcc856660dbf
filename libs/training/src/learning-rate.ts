import type { TrainSection } from '@graft/spec';

import { BestEpoch } from './epochs';
import type { EpochMetrics } from './epochs';

type Options = Pick<TrainSection, 'epochs' | 'learningRate' | 'schedule' | 'warmupEpochs'>;

/** Size of each step. */
export interface LearningRate {
  /** Of a step, counted from 0 over all epochs. */
  at(step: number): number;
  /** Hears how an epoch went. */
  see(metrics: EpochMetrics): void;
}

/**
 * The rate rises evenly over the warm-up and reaches `learningRate` at its end; from there the schedule goes on:
 * - `cosine` (Loshchilov and Hutter 2017, without restarts): rate · (1 + cos(π · t)) / 2, where t goes from 0 to 1 over
 *   the steps that are left. Where training ends early, the rate has not come down to 0.
 * - `step`: rate · factor^n after every n-th lot of `every` epochs, counted from the first one.
 * - `plateau`: times `factor` whenever `patience` epochs have brought no lower validation loss; warm-up does not count.
 */
export function learningRate(options: Options, stepsPerEpoch: number): LearningRate {
  const warmup = options.warmupEpochs * stepsPerEpoch;
  const { at, see } = scheduleOf(options, stepsPerEpoch);
  return { see, at: (step) => options.learningRate * (step < warmup ? (step + 1) / (warmup + 1) : at(step)) };
}

/** The share of the full rate, after the warm-up. */
function scheduleOf(options: Options, stepsPerEpoch: number): LearningRate {
  const { schedule, epochs, warmupEpochs } = options;
  const deaf = () => undefined;
  switch (schedule.name) {
    case 'constant':
      return { at: () => 1, see: deaf };
    case 'cosine': {
      const first = warmupEpochs * stepsPerEpoch;
      const steps = epochs * stepsPerEpoch - first;
      return { at: (step) => (1 + Math.cos((Math.PI * (step - first)) / steps)) / 2, see: deaf };
    }
    case 'step':
      return {
        at: (step) => schedule.factor ** Math.floor(Math.floor(step / stepsPerEpoch) / schedule.every),
        see: deaf,
      };
    case 'plateau':
      return plateau(schedule, warmupEpochs);
  }
}

function plateau({ patience, factor }: { patience: number; factor: number }, warmupEpochs: number): LearningRate {
  const best = new BestEpoch('val_loss', 0);
  let share = 1;
  let epochs = 0;
  let since = warmupEpochs;
  return {
    at: () => share,
    see: (metrics) => {
      epochs++;
      if (best.see(metrics) || epochs <= warmupEpochs) since = epochs;
      if (epochs - since < patience) return;
      share *= factor;
      since = epochs;
    },
  };
}

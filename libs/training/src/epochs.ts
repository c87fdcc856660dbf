import type { TrainSection } from '@graft/spec';

/** The second one runs where the spec asks for it. */
export type PhaseName = 'training' | 'fine-tuning';

/** One line of the history; the same in every run. Validation figures are null where there are no validation pictures. */
export interface EpochMetrics {
  /** From 1, over both phases. */
  readonly epoch: number;
  readonly phase: PhaseName;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Mean over the training pictures while the epoch ran, class weights and label smoothing included. */
  readonly loss: number;
  readonly accuracy: number;
  /** Mean over the validation pictures after the epoch, label smoothing included, class weights not (as in Keras). */
  readonly valLoss: number | null;
  readonly valAccuracy: number | null;
}

export type Monitor = 'val_loss' | 'val_accuracy';

/** Notices the epochs that are better than all before by more than `minDelta`. Equal is not better. */
export class BestEpoch {
  epoch = 0;
  private best = Infinity;

  constructor(
    private readonly monitor: Monitor,
    private readonly minDelta: number,
  ) {}

  /** True when this epoch is the best so far. */
  see(metrics: EpochMetrics): boolean {
    const value = this.monitor === 'val_loss' ? metrics.valLoss : -(metrics.valAccuracy ?? 0);
    if (value === null || !(value < this.best - this.minDelta)) return false;
    this.best = value;
    this.epoch = metrics.epoch;
    return true;
  }
}

/** Which epoch's weights stay, and when training ends early. */
export interface EpochRules {
  /** True when this epoch's weights are to be kept in place of those kept before. */
  keeps(metrics: EpochMetrics): boolean;
  stops(metrics: EpochMetrics): boolean;
  /** No epoch is watched: each is kept in place of the one before. */
  readonly keepsLast: boolean;
}

type Rules = Pick<TrainSection, 'earlyStopping' | 'checkpoint'>;

/**
 * The checkpoint's best epoch goes before that of early stopping; without either the last epoch's weights stay.
 * @param bar the best epoch of an earlier phase: only what is better is kept
 */
export function epochRules(rules: Rules, bar?: EpochMetrics): EpochRules {
  const watched = keepRule(rules);
  const keeps = watched ?? (() => true);
  if (bar !== undefined) keeps(bar);
  return { keeps, stops: stopRule(rules), keepsLast: watched === null };
}

function stopRule({ earlyStopping }: Rules): EpochRules['stops'] {
  if (earlyStopping === null) return () => false;
  const best = new BestEpoch(earlyStopping.monitor, earlyStopping.minDelta);
  return (metrics) => !best.see(metrics) && metrics.epoch - best.epoch >= earlyStopping.patience;
}

function keepRule({ earlyStopping, checkpoint }: Rules): EpochRules['keeps'] | null {
  if (checkpoint !== null) return watch(new BestEpoch(checkpoint.monitor, 0));
  if (earlyStopping?.restoreBestWeights === true)
    return watch(new BestEpoch(earlyStopping.monitor, earlyStopping.minDelta));
  return null;
}

function watch(best: BestEpoch): EpochRules['keeps'] {
  return (metrics) => best.see(metrics);
}

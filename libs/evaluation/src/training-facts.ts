/** What one epoch did, as stage `train` writes it into its history. */
export interface EpochFigures {
  /** From 1, over all phases. */
  readonly epoch: number;
  readonly phase: string;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  readonly loss: number;
  /** Shares, 0 … 1. */
  readonly accuracy: number;
  /** Null without validation pictures. */
  readonly valLoss: number | null;
  readonly valAccuracy: number | null;
}

export interface TrainingFacts {
  /** In order; at least one. */
  readonly history: readonly EpochFigures[];
  /** The epoch whose network was kept. */
  readonly bestEpoch: number;
}

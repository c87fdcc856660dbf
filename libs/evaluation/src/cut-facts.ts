/** How a probe at one cut of the backbone did on pictures that it had not learned from. */
export interface ComparedCut {
  /** Keras name of the last backbone layer kept. */
  readonly output: string;
  /** Shares of right answers, 0 … 1: measured, and one standard error to both sides. */
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  readonly kmodelBytes: number;
  /** Of one picture on the chip. */
  readonly estimatedMs: number;
  readonly chosen: boolean;
}

export interface CutFacts {
  /** Empty where nothing was compared. */
  readonly cuts: readonly ComparedCut[];
  readonly pictures: number;
  /** Independent trials that the pictures count as: those of one group resemble each other. */
  readonly trials: number;
}

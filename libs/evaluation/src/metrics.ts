import type { Calibration } from './calibration';
import type { Proportion } from './interval';
import type { PairedCounts } from './paired-interval';

/** Figures of one class. Null where a share of nothing would be asked for. */
export interface ClassMetrics {
  readonly name: string;
  /** Pictures of this class. */
  readonly support: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** How one arithmetic, float or device, answered. */
export interface Answers {
  readonly accuracy: Proportion;
  /** `confusion[truth][answer]`: counts of pictures. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassMetrics[];
  readonly calibration: Calibration;
}

/** A picture worth looking at. Class names, and the probability each arithmetic gave its own answer. */
export interface Example {
  readonly id: string;
  readonly path: string;
  readonly truth: string;
  readonly floatAnswer: string;
  readonly floatConfidence: number;
  readonly deviceAnswer: string;
  readonly deviceConfidence: number;
}

/** What the pictures of a split say about a model, in floats and in the chip's arithmetic. Shares are 0 … 1. */
export interface Metrics {
  readonly count: number;
  readonly classes: readonly string[];
  /** Of every interval here. */
  readonly confidence: number;
  readonly floatAccuracy: Proportion;
  readonly deviceAccuracy: Proportion;
  /** floatAccuracy − deviceAccuracy; negative where the chip does better. */
  readonly accuracyDrop: number;
  /** Pictures by who answers them right: the first is float, the second the device. */
  readonly paired: PairedCounts;
  /** Pictures to which both arithmetics give the same answer, right or wrong. */
  readonly agreement: Proportion;
  readonly float: Answers;
  readonly device: Answers;
  /** |device − float| over all pictures and classes. */
  readonly probabilityDifference: { readonly mean: number; readonly max: number };
  /** Wrong on the device, the surest first. */
  readonly worst: readonly Example[];
  /** Answered differently by the two arithmetics, the surest device answer first. */
  readonly flips: readonly Example[];
}

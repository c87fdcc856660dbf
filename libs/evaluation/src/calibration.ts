import { answerOf } from './prediction';

/** Answers whose probability lies in one part of 0 … 1. */
export interface ReliabilityBin {
  /** The part is low < probability ≤ high; the first one holds 0 as well. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean probability of the answers, and the share that is right; null where there are none. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** Whether an answer that calls itself 90 % sure is right in 90 % of the cases. */
export interface Calibration {
  readonly bins: readonly ReliabilityBin[];
  /**
   * Expected calibration error: |accuracy − confidence|, weighted by the counts of the bins, 0 … 1
   * (C. Guo, G. Pleiss, Y. Sun, K. Weinberger 2017, "On Calibration of Modern Neural Networks", equation 3).
   */
  readonly expectedError: number;
}

const BINS = 10;

/** @param answers probabilities, one a class, and the index of the right one; their order does not matter, but for the last bit */
export function calibrationOf(
  answers: readonly { readonly probabilities: readonly number[]; readonly label: number }[],
): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { probabilities, label } of answers) {
    const answer = answerOf(probabilities);
    const confidence = probabilities[answer];
    const bin = sums[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))];
    bin.count += 1;
    bin.confidence += confidence;
    bin.right += answer === label ? 1 : 0;
  }
  const bins = sums.map(({ count, confidence, right }, index) => ({
    low: index / BINS,
    high: (index + 1) / BINS,
    count,
    confidence: count === 0 ? null : confidence / count,
    accuracy: count === 0 ? null : right / count,
  }));
  const gaps = sums.reduce((sum, { confidence, right }) => sum + Math.abs(right - confidence), 0);
  return { bins, expectedError: answers.length === 0 ? 0 : gaps / answers.length };
}

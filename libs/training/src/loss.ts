export interface LossOptions {
  readonly classes: number;
  /** Share of each target that is spread evenly over the classes. */
  readonly labelSmoothing: number;
}

export interface Loss {
  /** Sum over the pictures. */
  readonly loss: number;
  /** Pictures whose largest score is the right one. */
  readonly correct: number;
  /** ∂ of the sum by each score; [picture][class]. */
  readonly gradient: Float32Array;
}

/**
 * Softmax and cross-entropy of scores [picture][class], in double precision.
 * @param weights one factor for each picture, or null for 1
 */
export function crossEntropy(
  scores: Float32Array,
  labels: readonly number[],
  weights: readonly number[] | null,
  { classes, labelSmoothing }: LossOptions,
): Loss {
  const gradient = new Float32Array(scores.length);
  let loss = 0;
  let correct = 0;
  labels.forEach((label, picture) => {
    const row = scores.subarray(picture * classes, (picture + 1) * classes);
    const largest = Math.max(...row);
    const logSum = largest + Math.log(row.reduce((sum, score) => sum + Math.exp(score - largest), 0));
    const weight = weights === null ? 1 : weights[picture];
    row.forEach((score, index) => {
      const target = labelSmoothing / classes + (index === label ? 1 - labelSmoothing : 0);
      loss += weight * target * (logSum - score);
      gradient[picture * classes + index] = weight * (Math.exp(score - logSum) - target);
    });
    if (row.indexOf(largest) === label) correct++;
  });
  return { loss, correct, gradient };
}

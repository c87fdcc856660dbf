/** What the float net and the chip said about one picture. */
export interface Prediction {
  /** Stable name of the picture, for example its digest; breaks ties in sorted lists. */
  readonly id: string;
  /** Where a person finds the picture. */
  readonly path: string;
  /** Index into the classes. */
  readonly label: number;
  /** Probabilities of the float net, one a class. */
  readonly float: readonly number[];
  /** Probabilities in the chip's own arithmetic, one a class. */
  readonly device: readonly number[];
}

/** Index of the largest probability; the first of equals, as the board's script answers. */
export function answerOf(probabilities: readonly number[]): number {
  let best = 0;
  for (let index = 1; index < probabilities.length; index++) {
    if (probabilities[index] > probabilities[best]) best = index;
  }
  return best;
}

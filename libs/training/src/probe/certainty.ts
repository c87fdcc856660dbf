/** Scores of classes, and which class is right. */
export interface Scored {
  readonly scores: Float64Array;
  readonly label: number;
}

/** Answers that are all right would sound ever more certain. */
const MOST = 50;
const LEAST = 0.1;
const ROUNDS = 60;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The factor a for which softmax(a · scores) is least wrong about these answers, by its mean cross-entropy, which is convex in a. Scores of a
 * regression lie between 0 and 1, and their softmax would never be certain of anything.
 * @returns 0.1 … 50; 1 for no answers
 */
export function certaintyOf(answers: readonly Scored[]): number {
  if (answers.length === 0) return 1;
  const wrongness = (factor: number) => answers.reduce((sum, answer) => sum + lossOf(answer, factor), 0);
  let [low, high] = [LEAST, MOST];
  for (let round = 0; round < ROUNDS; round++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (wrongness(left) <= wrongness(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

function lossOf({ scores, label }: Scored, factor: number): number {
  const largest = Math.max(...scores);
  const sum = scores.reduce((total, score) => total + Math.exp(factor * (score - largest)), 0);
  return Math.log(sum) - factor * (scores[label] - largest);
}

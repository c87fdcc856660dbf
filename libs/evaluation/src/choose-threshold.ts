/** The largest probability of an answer, as the chip gives it (float32), and whether the answer is a wrong one. */
export interface ScoredAnswer {
  readonly score: number;
  /** Of a picture of no class every answer is. */
  readonly wrong: boolean;
}

/** No probability reaches it: where wrong answers are as sure as can be, only this refuses them. */
export const REFUSES_ALL = 1.5;

/** Shares such as 0.29 · 100 end a rounding error below the whole number that is meant. */
const ROUNDING = 1e-9;

/**
 * The lowest threshold with which at most `falseAccept` of all these answers are wrong and yet accepted, that is have
 * score ≥ threshold: the comparison of the board's script. It lies half-way to the next score above, in few digits where
 * they tell the two scores apart; 0 where nothing needs to be refused, {@link REFUSES_ALL} where nothing less will do.
 */
export function chooseThreshold(answers: readonly ScoredAnswer[], falseAccept: number): number {
  const allowed = Math.floor(falseAccept * answers.length + ROUNDING);
  const wrong = answers.filter((one) => one.wrong).map(({ score }) => score);
  if (wrong.length <= allowed) return 0;
  const refused = wrong.sort((a, b) => b - a)[allowed];
  if (refused >= 1) return REFUSES_ALL;
  const above = answers.reduce((least, { score }) => (score > refused ? Math.min(least, score) : least), 1);
  return between(refused, above);
}

/** Above `low` and at most `high`, also after it was rounded to single precision, in which the board counts. */
function between(low: number, high: number): number {
  for (const digits of [3, 4, 6, 8]) {
    const middle = Number(((low + high) / 2).toFixed(digits));
    const onBoard = Math.fround(middle);
    if (onBoard > low && onBoard <= high && middle <= high) return middle;
  }
  return high;
}

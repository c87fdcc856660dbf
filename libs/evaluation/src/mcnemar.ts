/**
 * Two-sided exact McNemar test (Q. McNemar 1947, Psychometrika 12; exact form: the binomial test of the discordant
 * pairs): how likely a split at least as uneven is where both are equally good, min(1, 2·Σ C(n, i)/2ⁿ over
 * i ≤ min(b, c)) with n = b + c. No continuity correction and no mid-p, so it errs towards "not distinguishable".
 *
 * @param firstOnly pictures that only the first answers right
 * @param secondOnly pictures that only the second answers right
 * @returns 0 … 1; 1 where nothing tells them apart
 */
export function mcnemarExact(firstOnly: number, secondOnly: number): number {
  const pairs = firstOnly + secondOnly;
  const fewer = Math.min(firstOnly, secondOnly);
  // By logarithms: 2⁻ⁿ alone is below the smallest double from n = 1075 on.
  let term = -pairs * Math.LN2;
  let tail = Math.exp(term);
  for (let index = 1; index <= fewer; index++) {
    term += Math.log((pairs - index + 1) / index);
    tail += Math.exp(term);
  }
  return Math.min(1, 2 * tail);
}

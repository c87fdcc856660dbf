import { wilsonInterval } from './interval';

/** How two ways of answering the same pictures did. */
export interface PairedCounts {
  readonly bothRight: number;
  readonly firstOnly: number;
  readonly secondOnly: number;
  readonly neitherRight: number;
}

/** A difference of two shares, −1 … 1, with the interval in which the true one lies. */
export interface Difference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Interval for the share of the first minus that of the second on the same pictures: Wilson's intervals of both,
 * squared and added with their correlation φ, whose numerator is reduced by n/2 where it is positive (R. G. Newcombe
 * 1998, Statistics in Medicine 17, 2635–2650, method 10).
 *
 * @param counts at least one picture
 * @param confidence 0 < confidence < 1
 */
export function pairedInterval(counts: PairedCounts, confidence: number): Difference {
  const { bothRight, firstOnly, secondOnly, neitherRight } = counts;
  const total = bothRight + firstOnly + secondOnly + neitherRight;
  const first = wilsonInterval(bothRight + firstOnly, total, confidence);
  const second = wilsonInterval(bothRight + secondOnly, total, confidence);
  const value = (firstOnly - secondOnly) / total;
  const phi = correlation(counts, total);
  const apart = (one: number, other: number): number =>
    Math.sqrt(Math.max(0, one * one - 2 * phi * one * other + other * other));
  return {
    value,
    low: value - apart(first.value - first.low, second.high - second.value),
    high: value + apart(first.high - first.value, second.value - second.low),
  };
}

function correlation({ bothRight, firstOnly, secondOnly, neitherRight }: PairedCounts, total: number): number {
  const product = bothRight * neitherRight - firstOnly * secondOnly;
  const corrected = product > 0 ? Math.max(0, product - total / 2) : product;
  const margins =
    (bothRight + firstOnly) * (secondOnly + neitherRight) * (bothRight + secondOnly) * (firstOnly + neitherRight);
  return margins === 0 ? 0 : corrected / Math.sqrt(margins);
}

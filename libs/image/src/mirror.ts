/** An index that may lie beyond either end, in a line that is mirrored there: … 2 1 0 | 0 1 2 … n−1 | n−1 n−2 … */
export function mirrored(index: number, length: number): number {
  const period = 2 * length;
  const place = ((index % period) + period) % period;
  return place < length ? place : period - 1 - place;
}

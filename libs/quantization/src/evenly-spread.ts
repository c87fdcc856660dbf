/** Places of `count` items (or all, if there are fewer) among `length`, ascending. */
export function evenlySpread(length: number, count: number): number[] {
  const taken = Math.min(count, length);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * length) / taken));
}

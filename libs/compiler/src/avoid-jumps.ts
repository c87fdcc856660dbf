import type { ActivationSegment, BatchNormEntry } from '@graft/kmodel';

import { TABLE_END } from './activation-table';

/**
 * Starts of segments whose byte differs from what the segment before would give there. Simulators do not agree which of
 * the two a sum belongs to that is exactly the start. Only falling activations have such starts below the end of the table,
 * which no sum reaches.
 */
export function jumpsOf(segments: readonly ActivationSegment[]): number[] {
  return segments.slice(1).flatMap(({ start, bias }, index) => {
    const before = segments[index];
    const byte = Math.floor(((start - before.start) * before.multiplier) / 2 ** before.shift + 0.5) + before.bias;
    return Math.min(255, byte) === bias || start >= TABLE_END ? [] : [start];
  });
}

/** Whether any sum of the convolution, of whatever size, can come out of the batch norm as `sum`. */
export function canReach({ multiplier, shift, add }: BatchNormEntry, sum: number): boolean {
  const product = sum - add;
  if (multiplier === 0) return product === 0;
  const nearest = Math.round((product * 2 ** shift) / multiplier);
  return [nearest - 1, nearest, nearest + 1].some((c) => Math.floor((c * multiplier) / 2 ** shift) === product);
}

/** Moves the addition by the least number of units, at most `leeway`, that keeps all sums off the jumps; else not at all. */
export function avoidJumps(entry: BatchNormEntry, jumps: readonly number[], leeway: number): BatchNormEntry {
  if (jumps.length === 0) return entry;
  for (let distance = 0; distance <= leeway; distance++) {
    for (const add of [entry.add + distance, entry.add - distance]) {
      const moved = { ...entry, add };
      if (!jumps.some((jump) => canReach(moved, jump))) return moved;
    }
  }
  return entry;
}

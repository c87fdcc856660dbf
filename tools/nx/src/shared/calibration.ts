import { sha256 } from '@graft/foundation';
import type { Examples } from '@graft/image';
import { planes } from './examples';

/** Planar bytes of each picture, and the index of its class. */
export interface Calibration {
  readonly calibration: readonly Uint8Array[];
  readonly labels: readonly number[];
}

/**
 * Pictures for calibration, taken in turn from each class in an order drawn from seed and content, so that the choice
 * is the same whatever the order of the files and no class is left out.
 */
export function calibrationPictures(
  examples: Examples,
  indices: readonly number[],
  samples: number,
  seed: number,
  classes: readonly string[],
): Calibration {
  const byClass = new Map<string, { index: number; rank: string }[]>();
  for (const index of indices) {
    const { label, id } = examples.index.examples[index];
    const ranked = byClass.get(label) ?? [];
    ranked.push({ index, rank: sha256(`calibration ${seed} ${id}`) });
    byClass.set(label, ranked);
  }
  const queues = [...byClass.keys()].sort().map((label) => sortedByRank(byClass.get(label) ?? []));
  const chosen: number[] = [];
  for (let round = 0; chosen.length < Math.min(samples, indices.length); round++) {
    for (const queue of queues) if (round < queue.length) chosen.push(queue[round]);
  }
  const taken = chosen.slice(0, samples);
  return {
    calibration: taken.map((index) => planes(examples, index)),
    labels: taken.map((index) => classes.indexOf(examples.index.examples[index].label)),
  };
}

function sortedByRank(ranked: { index: number; rank: string }[]): number[] {
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ index }) => index);
}

import { sha256 } from '@graft/foundation';
import type { Examples } from '@graft/image';

/**
 * At most `count` of the indices, taken in turn from each class in an order drawn from `lot` and content, so that the choice
 * is the same whatever the order of the files and no class is left out.
 */
export function drawFromEachClass(
  examples: Examples,
  indices: readonly number[],
  count: number,
  lot: string,
): number[] {
  const byClass = new Map<string, { index: number; rank: string }[]>();
  for (const index of indices) {
    const { label, id } = examples.index.examples[index];
    const ranked = byClass.get(label) ?? [];
    ranked.push({ index, rank: sha256(`${lot} ${id}`) });
    byClass.set(label, ranked);
  }
  const queues = [...byClass.keys()].sort().map((label) => sortedByRank(byClass.get(label) ?? []));
  const chosen: number[] = [];
  for (let round = 0; chosen.length < Math.min(count, indices.length); round++) {
    for (const queue of queues) if (round < queue.length) chosen.push(queue[round]);
  }
  return chosen.slice(0, count);
}

function sortedByRank(ranked: { index: number; rank: string }[]): number[] {
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ index }) => index);
}

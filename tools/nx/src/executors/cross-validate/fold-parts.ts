import type { ExampleRecord } from '@graft/image';

export interface FoldPlan {
  /** Group to fold, 0 … folds − 1. A group that is not in it takes no part. */
  readonly foldOf: ReadonlyMap<string, number>;
  readonly folds: number;
  /** Whether anything watches validation figures: early stopping, the choice of the best epoch, training in 8 bits. */
  readonly watched: boolean;
}

/** Indices of the examples of each part, in order. A group is in one part only. */
export interface FoldParts {
  /** What the network learns from and is calibrated on. */
  readonly learned: readonly number[];
  /** What decides about epochs; empty where nothing does. */
  readonly validation: readonly number[];
  /** What is measured, and used for nothing else. */
  readonly tested: readonly number[];
}

/**
 * Tests on one fold. The next one validates where something watches validation figures, because the tested fold may
 * decide nothing; where nothing watches, it would lie idle and is learned from.
 */
export function foldParts(
  examples: readonly Pick<ExampleRecord, 'group'>[],
  fold: number,
  { foldOf, folds, watched }: FoldPlan,
): FoldParts {
  const next = watched ? (fold + 1) % folds : null;
  const parts = { learned: [] as number[], validation: [] as number[], tested: [] as number[] };
  for (const [index, { group }] of examples.entries()) {
    const own = foldOf.get(group);
    if (own === undefined) continue;
    const part = own === fold ? 'tested' : own === next ? 'validation' : 'learned';
    parts[part].push(index);
  }
  return parts;
}

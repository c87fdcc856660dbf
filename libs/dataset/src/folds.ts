import type { Diagnostic } from '@graft/foundation';
import { tooFewForFolds } from './errors';
import { fractionOf, groupsOfClasses } from './groups';
import type { LabelledGroup } from './groups';
import { compareText } from './paths';

export interface Folds {
  /** Group to fold, 0 … folds − 1. */
  readonly folds: ReadonlyMap<string, number>;
  /** One error for each class that has fewer groups than there are folds. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Deals the groups of each class out to the folds: of every class, each fold gets the same number of groups or one
 * more, and so over all classes. Independent of the order of `groups`. Adding a picture may move others: for an average
 * over all folds even sizes matter more.
 */
export function crossValidationFolds(groups: readonly LabelledGroup[], folds: number, seed: number): Folds {
  if (!Number.isInteger(folds) || folds < 2) throw new Error(`internal: ${folds} folds`);
  const assigned = new Map<string, number>();
  const diagnostics: Diagnostic[] = [];
  for (const [label, members] of groupsOfClasses(groups)) {
    if (members.size < folds) diagnostics.push(tooFewForFolds(label, members.size, folds));
    // A group under two classes stays where the first put it.
    const open = [...members].filter((group) => !assigned.has(group));
    // The dealing goes on where the last class stopped, so that the folds are even in sum as well.
    for (const group of inDrawnOrder(open, seed)) assigned.set(group, assigned.size % folds);
  }
  return { folds: assigned, diagnostics };
}

function inDrawnOrder(groups: readonly string[], seed: number): string[] {
  const drawn = groups.map((group) => ({ group, order: fractionOf(seed, 'folds', group) }));
  drawn.sort((a, b) => a.order - b.order || compareText(a.group, b.group));
  return drawn.map(({ group }) => group);
}

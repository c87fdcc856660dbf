import type { Diagnostic } from '@graft/foundation';
import type { SplitSection } from '@graft/spec';
import { emptyPart } from './errors';
import { fractionOf, groupsOfClasses } from './groups';
import type { LabelledGroup } from './groups';
import type { SplitPart } from './picture';

export type SplitShares = Pick<SplitSection, SplitPart>;

export interface Splits {
  readonly parts: ReadonlyMap<string, SplitPart>;
  /** One error for each part that a class has nothing in. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Puts each group on one side of the split. A group's side depends on its own name, the seed and the shares alone, so
 * that no picture ever moves because others came or went, and old scores stay comparable. Within each class the sides
 * therefore fill up to their shares on average, not exactly: a class of a few groups can miss a side, which is told for
 * the sides that are needed.
 */
export function assignSplits(
  groups: readonly LabelledGroup[],
  shares: SplitShares,
  seed: number,
  needed: readonly SplitPart[] = PARTS,
): Splits {
  const parts = new Map(groups.map(({ group }) => [group, partOf(group, shares, seed)]));
  const diagnostics: Diagnostic[] = [];
  const classes = groupsOfClasses(groups);
  for (const [label, members] of classes) {
    for (const part of emptyParts(members, needed, shares, seed)) {
      const counts = PARTS.map((name) => `${name} ${countIn(members, name, shares, seed)}`).join(', ');
      const better = betterSeed([...classes.values()], needed, shares, seed);
      diagnostics.push(emptyPart({ label, part, counts, groups: members.size, seed: better }));
    }
  }
  return { parts, diagnostics };
}

const PARTS: readonly SplitPart[] = ['train', 'validation', 'test'];

// Test from the one end and validation from the other: a change of one share moves nothing between these two.
function partOf(group: string, shares: SplitShares, seed: number): SplitPart {
  const fraction = fractionOf(seed, 'split', group);
  if (fraction < shares.test) return 'test';
  return fraction >= 1 - shares.validation && shares.validation > 0 ? 'validation' : 'train';
}

function countIn(groups: ReadonlySet<string>, part: SplitPart, shares: SplitShares, seed: number): number {
  return [...groups].filter((group) => partOf(group, shares, seed) === part).length;
}

function emptyParts(
  groups: ReadonlySet<string>,
  needed: readonly SplitPart[],
  shares: SplitShares,
  seed: number,
): SplitPart[] {
  return needed.filter((part) => shares[part] > 0 && countIn(groups, part, shares, seed) === 0);
}

const SEEDS_TRIED = 50;

/** The next seed with which every class has something everywhere; null where none near does. */
function betterSeed(
  classes: readonly ReadonlySet<string>[],
  needed: readonly SplitPart[],
  shares: SplitShares,
  seed: number,
): number | null {
  // A class this small cannot fill the parts with any seed.
  const wanted = needed.filter((part) => shares[part] > 0).length;
  if (classes.some((groups) => groups.size < wanted)) return null;
  for (let candidate = seed + 1; candidate <= seed + SEEDS_TRIED; candidate++) {
    if (classes.every((groups) => emptyParts(groups, needed, shares, candidate).length === 0)) return candidate;
  }
  return null;
}

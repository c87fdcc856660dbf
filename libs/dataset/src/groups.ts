import { createHash } from 'node:crypto';

/** What stays on one side of the split, and its class. */
export interface LabelledGroup {
  readonly group: string;
  /** Class key. */
  readonly label: string;
}

/** A number 0 ≤ x < 1 that depends on nothing but the seed and these names: the first 48 bits of their SHA-256. */
export function fractionOf(seed: number, ...names: readonly string[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...names]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** The distinct groups of each class; classes in order of name, groups in no particular order. */
export function groupsOfClasses(groups: readonly LabelledGroup[]): Map<string, Set<string>> {
  const classes = new Map<string, Set<string>>();
  for (const label of [...new Set(groups.map((item) => item.label))].sort()) classes.set(label, new Set());
  for (const { group, label } of groups) classes.get(label)?.add(group);
  return classes;
}

import { createHash } from 'node:crypto';
import type { SplitSection } from '@graft/spec';
import type { PictureRecord } from './picture';

/** What stays on one side of the split, and its class. */
export interface LabelledGroup {
  readonly group: string;
  /** Class key. */
  readonly label: string;
}

/**
 * The group of a picture. `file`: its content, so that the frames of one animation (and equal bytes) stay together.
 * `name`: class and base name, so that `shiny/x.png` and `x.png` do too. `near_duplicate`: as `lookAlikes` says, by content;
 * a picture that is not in it is alone.
 */
export function groupOf(
  record: PictureRecord,
  groupBy: SplitSection['groupBy'],
  lookAlikes: ReadonlyMap<string, string> = new Map(),
): string {
  switch (groupBy) {
    case 'file':
      return record.sha256;
    case 'name':
      return `${record.label}/${baseName(record.path)}`;
    case 'near_duplicate':
      return lookAlikes.get(record.sha256) ?? record.sha256;
  }
}

/** Without folders, extension and a frame's number (`x#3`, `x-frame-03`). */
function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).normalize('NFC');
  const stem = name.replace(/(?<=.)\.[^.]*$/, '');
  return stem.replace(/(?<=.)(#|[-_. ]?frame[-_. ]?)\d+$/i, '').toLowerCase();
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

import type { Diagnostic } from '@graft/foundation';
import type { ChecksSection } from '@graft/spec';
import { exactDuplicates, labelConflicts } from './errors';
import { compareText, displayPath } from './paths';
import type { PictureList, PictureRecord } from './picture';

export interface DroppedPicture {
  readonly record: PictureRecord;
  readonly reason: 'exact_duplicate' | 'label_conflict';
  /** Path of a picture with the same bytes: the one kept, or one of another class. */
  readonly sameAs: string;
}

export interface CheckedPictures {
  /** Sorted by path. */
  readonly kept: readonly PictureRecord[];
  /** Of severity `error` where the action is `error`; the caller stops then. */
  readonly diagnostics: readonly Diagnostic[];
  readonly dropped: readonly DroppedPicture[];
}

export type PictureChecks = Pick<ChecksSection, 'exactDuplicate' | 'labelConflict'>;

/** Finds pictures of equal bytes: under two classes (a conflict), or twice under one (copies). */
export function checkPictures(list: PictureList, checks: PictureChecks): CheckedPictures {
  const sorted = [...list.pictures].sort((a, b) => compareText(a.path, b.path));
  const conflicts = dropConflicts(sorted, checks.labelConflict);
  const duplicates = dropDuplicates(conflicts.kept, checks.exactDuplicate);
  return {
    kept: duplicates.kept,
    diagnostics: [...conflicts.diagnostics, ...duplicates.diagnostics],
    dropped: [...conflicts.dropped, ...duplicates.dropped],
  };
}

function dropConflicts(pictures: readonly PictureRecord[], action: ChecksSection['labelConflict']): CheckedPictures {
  const conflicts = groupBy(pictures, ({ sha256 }) => sha256)
    .map((copies) => ({ copies, labels: groupBy(copies, ({ label }) => label) }))
    .filter(({ labels }) => labels.length > 1);
  if (conflicts.length === 0 || action === 'ignore') return { kept: pictures, diagnostics: [], dropped: [] };
  const lines = conflicts.map(({ labels }) => `${namesOf(labels.map(([first]) => first))}   (identical bytes)`);
  const diagnostics = [labelConflicts(lines, action)];
  if (action !== 'drop') return { kept: pictures, diagnostics, dropped: [] };
  const dropped = conflicts.flatMap(({ copies }) =>
    copies.map((record): DroppedPicture => {
      const other = copies.find(({ label }) => label !== record.label) ?? record;
      return { record, reason: 'label_conflict', sameAs: other.path };
    }),
  );
  return { kept: without(pictures, dropped), diagnostics, dropped };
}

function dropDuplicates(pictures: readonly PictureRecord[], action: ChecksSection['exactDuplicate']): CheckedPictures {
  if (action === 'ignore') return { kept: pictures, diagnostics: [], dropped: [] };
  const copies = groupBy(pictures, ({ label, sha256 }) => `${label}\n${sha256}`).flatMap(([first, ...others]) =>
    others.map((record) => ({ record, first })),
  );
  if (copies.length === 0) return { kept: pictures, diagnostics: [], dropped: [] };
  const found = copies.map(({ record, first }): DroppedPicture => ({
    record,
    reason: 'exact_duplicate',
    sameAs: first.path,
  }));
  const distinct = without(pictures, found);
  const kept = groupBy(distinct, ({ label }) => label).map((records) => [records[0].label, records.length] as const);
  const pairs = copies.map(({ record, first }) => `${displayPath(record)}  =  ${displayPath(first)}`);
  const counts = { copies: copies.length, total: pictures.length, kept: kept.sort(([a], [b]) => compareText(a, b)) };
  const diagnostics = [exactDuplicates(counts, pairs, action)];
  return action === 'drop'
    ? { kept: distinct, diagnostics, dropped: found }
    : { kept: pictures, diagnostics, dropped: [] };
}

function namesOf(records: readonly PictureRecord[]): string {
  return records.map(displayPath).join('  and  ');
}

function without(pictures: readonly PictureRecord[], dropped: readonly DroppedPicture[]): PictureRecord[] {
  const gone = new Set(dropped.map(({ record }) => record));
  return pictures.filter((record) => !gone.has(record));
}

/** Members in the order in which they came, groups in the order of their first members. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

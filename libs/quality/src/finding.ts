import { compareText, displayPath } from '@graft/dataset';
import type { PictureRecord } from '@graft/dataset';
import type { ChecksSection } from '@graft/spec';

export type CheckName = keyof ChecksSection;

/** A picture that a check names; also a file that is none. */
export interface FoundPicture {
  /** For people: `images/pikachu/12.jpg`. */
  readonly name: string;
  /** As in the list of pictures; null for a file that is no picture. */
  readonly path: string | null;
  readonly sha256: string | null;
  /** Class key; null where it has none. */
  readonly label: string | null;
}

/** One thing that a check found: a picture, or several that belong together. */
export interface Finding {
  readonly pictures: readonly FoundPicture[];
  /** A predicate or remark: "is empty", "identical bytes". */
  readonly reason: string;
  /** What is left out where the action is `drop`. */
  readonly surplus: readonly PictureRecord[];
}

export function found(record: PictureRecord): FoundPicture {
  return { name: displayPath(record), path: record.path, sha256: record.sha256, label: record.label };
}

/** A finding about one picture, which is left out where the action is `drop`. */
export function aboutOne(record: PictureRecord, reason: string): Finding {
  return { pictures: [found(record)], reason, surplus: [record] };
}

export function aboutSeveral(
  records: readonly PictureRecord[],
  reason: string,
  surplus: readonly PictureRecord[],
): Finding {
  return { pictures: records.map(found), reason, surplus };
}

/** Members in the order in which they came, groups in the order of their first members. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

export function byPath(a: PictureRecord, b: PictureRecord): number {
  return compareText(a.path, b.path);
}

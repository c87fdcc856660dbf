import type { Diagnostic } from '@graft/foundation';
import { sidesDiffer } from './errors';
import type { Lock } from './lock';
import { compareText, displayPath } from './paths';
import type { PictureRecord, RecordedContent } from './picture';
import type { PlacedPicture } from './place-pictures';

/** What the lock says of the place of these pictures, where it knows their contents. */
export function recordedContents({ pictures: locked }: Lock, pictures: readonly PictureRecord[]): RecordedContent[] {
  const wanted = new Set(pictures.map(({ sha256 }) => sha256));
  const known = new Map<string, RecordedContent>();
  for (const { sha256, facts } of locked ?? []) {
    if (facts === null || !wanted.has(sha256)) continue;
    known.set(sha256, { sha256, split: facts.split, lookAlikes: facts.lookAlikes });
  }
  return [...known.values()].sort((a, b) => compareText(a.sha256, b.sha256));
}

/** Names pictures that are on another side of the split than the lock says; nothing where all are where they were. */
export function compareSides(placed: readonly PlacedPicture[], recorded: readonly RecordedContent[]): Diagnostic[] {
  const before = new Map(recorded.map(({ sha256, split }) => [sha256, split]));
  const moved = placed.flatMap(({ record, split }) => {
    const old = before.get(record.sha256) ?? null;
    return old === null || old === split ? [] : [`${displayPath(record)}  ${old} → ${split}`];
  });
  return moved.length === 0 ? [] : [sidesDiffer(moved)];
}

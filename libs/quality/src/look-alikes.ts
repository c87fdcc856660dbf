import { compareText } from '@graft/dataset';
import type { PictureTraits } from '@graft/image';
import { correlation, cropViews, distance, hashOf, lumaOf, mirrored, viewOf } from './look-alike-views';
import type { Hash, Luma, Margins, View } from './look-alike-views';

/** A content (SHA-256) with what was measured of it. */
export interface Content {
  readonly sha256: string;
  readonly traits: PictureTraits;
}

export interface LookAlikes {
  /** Two contents, in order of their names. */
  readonly pair: readonly [string, string];
  /** Correlation of views that fit, at least {@link LEAST_LIKENESS} and at most 1. */
  readonly likeness: number;
}

/** Tuned on photographs, see docs/datasets.md: altered copies reach it, neighbouring frames of a film stay below. */
export const LEAST_LIKENESS = 0.9;

/** Pairs whose hashes differ in more of the 63 bits are not compared further. */
const MOST_DIFFERENT_BITS = 12;

/** Below this correlation of coarse views the finer search does not reach {@link LEAST_LIKENESS}. */
const LEAST_COARSE = 0.65;

/** In levels: flatter pictures have no features to be compared. */
const LEAST_CONTRAST = 3;

const FINE_KEPT = 500;

const WHOLE: Margins = { left: 0, right: 0, top: 0, bottom: 0 };
const STEPS = [0, 0.05, 0.1];

/** Every crop of up to a tenth at each edge. */
const FINE = STEPS.flatMap((left) =>
  STEPS.flatMap((right) => STEPS.flatMap((top) => STEPS.map((bottom): Margins => ({ left, right, top, bottom })))),
);

/** The whole, even margins, one edge, and two edges that meet. */
const COARSE: readonly Margins[] = [
  WHOLE,
  { left: 0.05, right: 0.05, top: 0.05, bottom: 0.05 },
  { left: 0.1, right: 0.1, top: 0.1, bottom: 0.1 },
  ...(['left', 'right', 'top', 'bottom'] as const).map((edge) => ({ ...WHOLE, [edge]: 0.1 })),
  ...(['left', 'right'] as const).flatMap((side) =>
    (['top', 'bottom'] as const).map((end) => ({ ...WHOLE, [side]: 0.1, [end]: 0.1 })),
  ),
];

/**
 * Finds pictures that show the same: resized, saved again, cropped by up to a tenth at each edge, brighter or darker,
 * mirrored. The order of `contents` does not matter. Compares all pairs, most of them by a few bits only.
 */
export function findLookAlikes(contents: readonly Content[]): LookAlikes[] {
  const subjects = contents
    .filter(({ traits }) => traits.contrast >= LEAST_CONTRAST)
    .map(subjectOf)
    .sort((a, b) => compareText(a.sha256, b.sha256));
  const found: LookAlikes[] = [];
  const fine = fineViews();
  subjects.forEach((one, at) => {
    for (let next = at + 1; next < subjects.length; next++) {
      const other = subjects[next];
      if (!mayBeAlike(one, other)) continue;
      const likeness = likenessOf(one, other, fine);
      if (likeness >= LEAST_LIKENESS) found.push({ pair: [one.sha256, other.sha256], likeness });
    }
  });
  return found;
}

interface Subject {
  readonly sha256: string;
  readonly luma: Luma;
  /** Of {@link COARSE}; the first is of the whole. */
  readonly views: readonly View[];
  readonly hashes: readonly Hash[];
  /** Of the whole, mirrored. */
  readonly mirror: View;
  readonly mirrorHash: Hash;
}

function subjectOf({ sha256, traits }: Content): Subject {
  const luma = lumaOf(traits.miniature);
  const views = cropViews(luma, COARSE);
  const mirror = viewOf(mirrored(luma), WHOLE);
  return { sha256, luma, views, hashes: views.map(hashOf), mirror, mirrorHash: hashOf(mirror) };
}

function mayBeAlike(a: Subject, b: Subject): boolean {
  return isNear(a.hashes, b) || isNear(b.hashes, a);
}

/** Whether a part of one picture resembles the other as a whole. */
function isNear(hashes: readonly Hash[], { hashes: [whole], mirrorHash }: Subject): boolean {
  for (const hash of hashes) {
    if (distance(hash, whole) <= MOST_DIFFERENT_BITS || distance(hash, mirrorHash) <= MOST_DIFFERENT_BITS) return true;
  }
  return false;
}

/** Fine views of the pictures that were asked for last: each has 80 KB of them, and there may be many pictures. */
function fineViews(): (subject: Subject) => readonly View[] {
  const kept = new Map<Subject, readonly View[]>();
  return (subject) => {
    const views = kept.get(subject) ?? cropViews(subject.luma, FINE);
    kept.delete(subject);
    kept.set(subject, views);
    const [oldest] = kept.keys();
    if (kept.size > FINE_KEPT) kept.delete(oldest);
    return views;
  };
}

function likenessOf(a: Subject, b: Subject, fine: (subject: Subject) => readonly View[]): number {
  const coarse = Math.max(bestOf(a.views, b), bestOf(b.views, a));
  if (coarse < LEAST_COARSE || coarse >= LEAST_LIKENESS) return coarse;
  return Math.max(bestOf(fine(a), b), bestOf(fine(b), a));
}

function bestOf(parts: readonly View[], { views: [whole], mirror }: Subject): number {
  let best = -1;
  for (const part of parts) best = Math.max(best, correlation(part, whole), correlation(part, mirror));
  return best;
}

/**
 * Joins contents that look alike, directly or through others. Gives each content that looks like another the name of its
 * group: the smallest of the group's contents.
 */
export function groupLookAlikes(found: readonly LookAlikes[]): Map<string, string> {
  const parents = new Map<string, string>();
  const rootOf = (content: string): string => {
    let root = content;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  };
  for (const { pair } of found) {
    const [first, second] = pair.map(rootOf).sort(compareText);
    if (first !== second) parents.set(second, first);
  }
  return new Map(found.flatMap(({ pair }) => pair.map((content) => [content, rootOf(content)] as const)));
}

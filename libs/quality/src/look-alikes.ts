import { compareText } from '@graft/dataset';
import type { PictureTraits } from '@graft/image';
import { correlation, cropViews, hashOf, lumaOf, mirrored, viewOf } from './look-alike-views';
import type { Hash, Luma, Margins, View } from './look-alike-views';
import { HashIndex } from './near-hashes';

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
const COARSE_KEPT = 4000;

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
 * mirrored. The order of `contents` does not matter. Only pairs with a part that resembles the other by its hash are compared.
 */
export function findLookAlikes(contents: readonly Content[]): LookAlikes[] {
  const subjects = contents
    .filter(({ traits }) => traits.contrast >= LEAST_CONTRAST)
    .map(subjectOf)
    .sort((a, b) => compareText(a.sha256, b.sha256));
  const fine = lately(FINE_KEPT, (subject) => cropViews(subject.luma, FINE));
  const coarse = lately(COARSE_KEPT, coarseViews);
  return pairsThatMayBeAlike(subjects).flatMap(([at, next]): LookAlikes[] => {
    const [one, other] = [subjects[at], subjects[next]];
    const likeness = likenessOf(one, other, coarse, fine);
    return likeness >= LEAST_LIKENESS ? [{ pair: [one.sha256, other.sha256], likeness }] : [];
  });
}

interface Subject {
  readonly sha256: string;
  readonly luma: Luma;
  /** Of views {@link COARSE}; the first is of the whole. */
  readonly hashes: readonly Hash[];
  /** Of the whole, mirrored. */
  readonly mirrorHash: Hash;
}

function subjectOf({ sha256, traits }: Content): Subject {
  const luma = lumaOf(traits.miniature);
  const { parts, mirror } = coarseViews({ luma });
  return { sha256, luma, hashes: parts.map(hashOf), mirrorHash: hashOf(mirror) };
}

interface CoarseViews {
  /** Of {@link COARSE}; the first is the whole. */
  readonly parts: readonly View[];
  /** The whole, mirrored. */
  readonly mirror: View;
}

function coarseViews({ luma }: Pick<Subject, 'luma'>): CoarseViews {
  return { parts: cropViews(luma, COARSE), mirror: viewOf(mirrored(luma), WHOLE) };
}

/** Places of the pairs of which a part of one resembles the other as a whole, or its mirror image; sorted. */
function pairsThatMayBeAlike(subjects: readonly Subject[]): [number, number][] {
  const index = new HashIndex(
    subjects.flatMap(({ hashes: [whole], mirrorHash }) => [whole, mirrorHash]),
    MOST_DIFFERENT_BITS,
  );
  const pairs = new Set<number>();
  subjects.forEach(({ hashes }, at) => {
    for (const hash of hashes) {
      index.near(hash, (place) => {
        const other = place >> 1;
        if (other !== at) pairs.add(Math.min(at, other) * subjects.length + Math.max(at, other));
      });
    }
  });
  const sorted = Float64Array.from(pairs).sort();
  return Array.from(sorted, (pair) => [Math.floor(pair / subjects.length), pair % subjects.length]);
}

/** Remembers what was made of the subjects that were asked for last: each has up to 80 KB of views, and there may be many. */
function lately<T>(kept: number, make: (subject: Subject) => T): (subject: Subject) => T {
  const made = new Map<Subject, T>();
  return (subject) => {
    const value = made.get(subject) ?? make(subject);
    made.delete(subject);
    made.set(subject, value);
    const [oldest] = made.keys();
    if (made.size > kept) made.delete(oldest);
    return value;
  };
}

function likenessOf(
  a: Subject,
  b: Subject,
  coarse: (subject: Subject) => CoarseViews,
  fine: (subject: Subject) => readonly View[],
): number {
  const [ofA, ofB] = [coarse(a), coarse(b)];
  const likeness = Math.max(bestOf(ofA.parts, ofB), bestOf(ofB.parts, ofA));
  if (likeness < LEAST_COARSE || likeness >= LEAST_LIKENESS) return likeness;
  return Math.max(bestOf(fine(a), ofB), bestOf(fine(b), ofA));
}

function bestOf(parts: readonly View[], { parts: [whole], mirror }: CoarseViews): number {
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

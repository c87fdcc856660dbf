import type { ClassFolders, PictureList, PictureRecord, RefusedFile } from '@graft/dataset';
import type { MeasuredPicture, PictureTraits } from '@graft/image';
import { findLookAlikes, groupLookAlikes } from './look-alikes';
import type { LookAlikes } from './look-alikes';

/** The pictures of an experiment and what is known of them. */
export interface Dataset {
  readonly list: PictureList;
  /** By content; every picture of the list is there. */
  readonly measured: ReadonlyMap<string, MeasuredPicture>;
  readonly classes: readonly ClassFolders[];
  /** What the network sees. */
  readonly imageSize: { readonly height: number; readonly width: number };
}

/** What a check sees: the pictures that no check before it has left out. */
export interface Subject extends Omit<Dataset, 'list'> {
  /** Sorted by path. */
  readonly pictures: readonly PictureRecord[];
  readonly refused: readonly RefusedFile[];
  readonly lookAlikes: () => Resemblance;
}

export interface Resemblance {
  readonly pairs: readonly LookAlikes[];
  /** Content to group; contents that resemble no other are missing. */
  readonly groups: ReadonlyMap<string, string>;
}

export function traitsOf(subject: Pick<Subject, 'measured'>, { sha256, path }: PictureRecord): PictureTraits {
  const picture = subject.measured.get(sha256);
  if (picture === undefined || !picture.ok)
    throw new Error(`internal: ${path} is judged by its looks, which are unknown`);
  return picture.traits;
}

/** Each content once, under its first path. */
export function distinct(pictures: readonly PictureRecord[]): PictureRecord[] {
  return [...new Map([...pictures].reverse().map((record) => [record.sha256, record])).values()].reverse();
}

/** Compares all readable contents once, when first asked: it is the slowest question. */
export function resemblance(measured: Dataset['measured']): () => Resemblance {
  let answer: Resemblance | null = null;
  return () => {
    if (answer !== null) return answer;
    const contents = [...measured].flatMap(([sha256, picture]) =>
      picture.ok ? [{ sha256, traits: picture.traits }] : [],
    );
    const pairs = findLookAlikes(contents);
    answer = { pairs, groups: groupLookAlikes(pairs) };
    return answer;
  };
}

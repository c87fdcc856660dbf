import { displayPath } from '@graft/dataset';
import type { ClassFolders, PictureRecord } from '@graft/dataset';

/** Shorter names are looked for as whole words only: "cat" is a part of "category". */
const LEAST_INSIDE_WORDS = 5;

export interface Mention {
  readonly record: PictureRecord;
  /** Keys of the other classes. */
  readonly mentions: readonly string[];
  readonly mentionsOwn: boolean;
}

/** Pictures whose file name has the name of another class in it, by the names of the classes' folders. */
export function findMentions(pictures: readonly PictureRecord[], classes: readonly ClassFolders[]): Mention[] {
  return pictures.flatMap((record) => {
    const own = classes.filter(({ key }) => key === record.label).flatMap(namesOf);
    const name = words(fileName(record));
    // What is part of an own name does not count: "mega charizard" is no mention of a class "charizard".
    const rest = own.reduce((text, one) => text.replaceAll(one, ' '), name);
    const mentions = classes.filter(
      (one) => one.key !== record.label && namesOf(one).some((other) => says(rest, other)),
    );
    if (mentions.length === 0) return [];
    return [{ record, mentions: mentions.map(({ key }) => key), mentionsOwn: own.some((one) => says(name, one)) }];
  });
}

function fileName(record: PictureRecord): string {
  const path = displayPath(record);
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
}

/** Longest first. */
function namesOf({ key, folders }: ClassFolders): string[] {
  const names = [...new Set([key, ...folders].map(words))].filter((name) => name !== '');
  return names.sort((a, b) => b.length - a.length);
}

/** Lower case, one space between words. */
function words(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function says(text: string, name: string): boolean {
  return name.length >= LEAST_INSIDE_WORDS ? text.includes(name) : ` ${text} `.includes(` ${name} `);
}

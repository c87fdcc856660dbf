import type { SourceSpec } from '@graft/spec';
import type { PictureRecord } from './picture';

/** Order by code unit: the same on every machine, unlike an order by locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export interface ClassFolders {
  readonly key: string;
  readonly folders: readonly string[];
}

/** Gives the class key of the innermost folder whose name belongs to a class, or null. */
export function folderLabeller(classes: readonly ClassFolders[]): (path: string) => string | null {
  const classOf = nameLabeller(classes);
  return (path) => {
    const folders = path.split('/').slice(0, -1).reverse();
    for (const folder of folders) {
      const key = classOf(folder);
      if (key !== null) return key;
    }
    return null;
  };
}

/** Stands for a class key with pictures of sources that say `use: unknown`; no class has it. */
export const NO_CLASS = '';

/** How a source that names no globs labels its files: by their folders, or all alike where they are of no class. */
export function labellerOf(
  { use }: Pick<SourceSpec, 'use'>,
  classes: readonly ClassFolders[],
): (path: string) => string | null {
  return use === 'unknown' ? () => NO_CLASS : folderLabeller(classes);
}

/** Gives the class key of a name that belongs to a class, or null. */
export function nameLabeller(classes: readonly ClassFolders[]): (name: string) => string | null {
  const keys = new Map(
    classes.flatMap(({ key, folders }) => [key, ...folders].map((folder) => [foldName(folder), key] as const)),
  );
  return (name) => keys.get(foldName(name)) ?? null;
}

/** Some file systems hand out decomposed accents: both forms mean the same name. */
function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** Which source a picture came from, counted from 0. */
export function sourceIndexOf({ path }: Pick<PictureRecord, 'path'>): number {
  return Number(path.slice(0, path.indexOf('/')));
}

/** A picture's place in words that people know: `images/pikachu/12.jpg`, `pokesprite-images@2.7.0/…`. */
export function displayPath(record: Pick<PictureRecord, 'path' | 'source'>): string {
  const inside = record.path.slice(record.path.indexOf('/') + 1);
  return joinSource(record.source, inside);
}

/** The path inside a source put behind the source's own place. */
export function joinSource(source: string, inside: string): string {
  const place = source.slice(source.indexOf(':') + 1).replace(/^\.\//, '');
  return place === '' || place === '.' ? inside : `${place.replace(/\/$/, '')}/${inside}`;
}

import { realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { Diagnostic } from '@graft/foundation';
import picomatch from 'picomatch';
import { walk } from './directory-source';
import { nothingFound } from './errors';
import { globMatcher } from './globs';
import { formatOfName } from './sniff';

export interface FoundPicture {
  /** Absolute. */
  readonly path: string;
  /** As a person would name it: below what was asked for. */
  readonly shown: string;
}

export interface FoundPictures {
  /** In the order in which they were asked for, each once; of a folder or glob sorted by path. */
  readonly files: readonly FoundPicture[];
  /** Files in the folders whose names are not those of pictures. */
  readonly passedOver: number;
  /** One error for each thing asked for that is not there. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds the files that somebody asks for by path, folder (with all folders in it) or glob. A relative one is looked for in the
 * first of `folders`, then in the next. A file that is named counts whatever its name; in a folder, and to a glob, only those
 * with the ending of a picture do.
 */
export async function findPictures(asked: readonly string[], folders: readonly string[]): Promise<FoundPictures> {
  const files = new Map<string, FoundPicture>();
  const diagnostics: Diagnostic[] = [];
  let passedOver = 0;
  for (const one of asked) {
    const found = await firstFound(one, folders);
    if (found === null) diagnostics.push(nothingFound(one));
    passedOver += found?.passedOver ?? 0;
    for (const file of found?.files ?? []) if (!files.has(file.path)) files.set(file.path, file);
  }
  return { files: [...files.values()], passedOver, diagnostics };
}

type Found = Pick<FoundPictures, 'files' | 'passedOver'>;

async function firstFound(asked: string, folders: readonly string[]): Promise<Found | null> {
  for (const folder of folders) {
    const found = (await inPlace(asked, folder)) ?? (await byGlob(asked, folder));
    if (found !== null && found.files.length > 0) return found;
  }
  return null;
}

async function inPlace(asked: string, folder: string): Promise<Found | null> {
  const path = resolve(folder, asked);
  const status = await stat(path).catch(() => null);
  if (status?.isFile() === true) return { files: [{ path, shown: shownOf(asked) }], passedOver: 0 };
  return status?.isDirectory() === true ? picturesBelow(path, shownOf(asked), () => true) : null;
}

async function byGlob(asked: string, folder: string): Promise<Found | null> {
  const { base, glob, isGlob } = picomatch.scan(shownOf(asked));
  if (!isGlob) return null;
  const root = resolve(folder, base);
  const status = await stat(root).catch(() => null);
  return status?.isDirectory() === true ? picturesBelow(root, base, globMatcher([glob])) : null;
}

async function picturesBelow(root: string, shown: string, wanted: (path: string) => boolean): Promise<Found> {
  const real = await realpath(root);
  const { paths } = await walk(real);
  const within = paths.filter(wanted);
  const pictures = within.filter((path) => ![null, 'other'].includes(formatOfName(basename(path))));
  const files = pictures.map((path) => ({ path: join(root, path), shown: shownOf(join(shown, path)) }));
  return { files, passedOver: within.length - pictures.length };
}

const shownOf = (path: string): string => path.split(sep).join('/').replace(/\/+$/, '');

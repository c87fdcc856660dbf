import { lstat, readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Diagnostic } from '@graft/foundation';
import type { DirectorySource } from '@graft/spec';
import {
  count,
  directoryMissing,
  directorySkipped,
  linksOutside,
  mebibytes,
  noDirectory,
  outsideClassFolders,
} from './errors';
import { globMatcher } from './globs';
import { FILES_AT_A_TIME, inParallel } from './in-parallel';
import { compareText, joinSource, labellerOf } from './paths';
import type { RefusedFile } from './picture';
import { sniffPicture } from './sniff';
import { NO_REMARKS } from './source';
import type { Source, SourceContext, SourceFile, SourceResult } from './source';

/** One sub-folder per class, at any depth. Links are followed as long as they stay inside the folder. */
export const directorySource: Source<DirectorySource> = {
  name: (spec) => `directory:${spec.path}`,
  read: async (spec, context) => {
    const root = await realpath(resolve(context.baseDirectory, spec.path)).catch(() => null);
    if (root === null) return missing(spec);
    if (!(await stat(root)).isDirectory()) throw noDirectory(spec.path);
    return readFiles(spec, root, context);
  },
};

function missing(spec: DirectorySource): SourceResult {
  if (spec.onMissing === 'error') throw directoryMissing(spec.path);
  return {
    files: [],
    notPictures: [],
    tooLarge: [],
    skipped: [],
    diagnostics: [directorySkipped(spec.path)],
    downloadedBytes: 0,
  };
}

async function readFiles(spec: DirectorySource, root: string, context: SourceContext): Promise<SourceResult> {
  const found = await walk(root);
  const included = globMatcher(spec.include ?? context.include);
  const excluded = globMatcher([...context.exclude, ...spec.exclude]);
  const labelOf = labellerOf(spec, context.classes);
  const wanted = found.paths.filter((path) => included(path) && !excluded(path));
  const reader = new FileReader(directorySource.name(spec), root, context);
  let done = 0;
  const taken = await inParallel(wanted, FILES_AT_A_TIME, context.signal, async (path) => {
    const label = labelOf(path);
    const one = label === null ? {} : await reader.read(path, label);
    done += 1;
    const progress = { task: `reading ${spec.path}`, done, total: wanted.length };
    if (done % 50 === 0 || done === wanted.length) context.report({ type: 'progress', ...progress, unit: 'file' });
    return one;
  });
  const outside = wanted.filter((path) => labelOf(path) === null);
  const diagnostics: Diagnostic[] = [];
  if (found.linksOutside.length > 0) diagnostics.push(linksOutside(spec.path, found.linksOutside));
  if (outside.length > 0) diagnostics.push(outsideClassFolders(spec.path, outside.length, folderCounts(outside)));
  const closed = found.closed.map((folder) => ({
    ...folder,
    path: joinSource(directorySource.name(spec), folder.path),
  }));
  return {
    files: taken.flatMap(({ file }) => file ?? []),
    notPictures: [...closed, ...taken.flatMap(({ notPicture }) => notPicture ?? [])],
    tooLarge: taken.flatMap(({ tooLarge }) => tooLarge ?? []),
    skipped: [],
    diagnostics,
    downloadedBytes: 0,
  };
}

function folderCounts(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => compareText(a, b)).map(([folder, n]) => `${folder}: ${count(n, 'file')}`);
}

/** One of them; none: not asked for. */
interface Taken {
  readonly file?: SourceFile;
  readonly notPicture?: RefusedFile;
  readonly tooLarge?: RefusedFile;
}

/** Takes a file in, or says why not. */
class FileReader {
  constructor(
    private readonly source: string,
    private readonly root: string,
    private readonly context: SourceContext,
  ) {}

  async read(path: string, label: string): Promise<Taken> {
    const shown = joinSource(this.source, path);
    const bytes = await this.bytesOf(path);
    if (typeof bytes === 'number') return { tooLarge: { path: shown, reason: `is ${mebibytes(bytes)}`, label } };
    if (typeof bytes === 'string') return { notPicture: { path: shown, reason: bytes, label } };
    const sniffed = sniffPicture(bytes);
    if (!sniffed.ok) return { notPicture: { path: shown, reason: sniffed.reason, label } };
    const sha256 = await this.context.store.put(bytes);
    return { file: { path, label, sha256, size: bytes.length, format: sniffed.format, ...NO_REMARKS } };
  }

  /** The content; or the size of a file that is too large; or why there is none. */
  private async bytesOf(path: string): Promise<Uint8Array | number | string> {
    try {
      const file = join(this.root, path);
      const { size } = await stat(file);
      return size > this.context.maxFileBytes ? size : await readFile(file);
    } catch (error) {
      return cannotOpen(error);
    }
  }
}

export interface Walked {
  /** Files inside the folder, forward slashes, sorted. */
  readonly paths: string[];
  readonly linksOutside: string[];
  /** Folders that cannot be listed, and what lies in folders that cannot be entered. */
  readonly closed: RefusedFile[];
}

interface Folder {
  /** Inside the source; empty at its root. */
  readonly path: string;
  readonly real: string;
  /** The real folders on the way here, so that a link to one of them does not go round for ever. */
  readonly parents: readonly string[];
}

/** Every file of a folder, links followed as long as they stay inside. `root` is a real path. */
export async function walk(root: string): Promise<Walked> {
  const walked: Walked = { paths: [], linksOutside: [], closed: [] };
  await walkInto({ path: '', real: root, parents: [] }, root, walked);
  walked.paths.sort(compareText);
  return walked;
}

async function walkInto(folder: Folder, root: string, walked: Walked): Promise<void> {
  const names = await readdir(folder.real).catch((error: unknown) => {
    walked.closed.push({ path: folder.path, reason: cannotOpen(error), label: null });
    return [];
  });
  for (const name of names.sort(compareText)) {
    const path = folder.path === '' ? name : `${folder.path}/${name}`;
    await look(path, folder, root, walked).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error)) throw error;
      walked.closed.push({ path, reason: cannotOpen(error), label: null });
    });
  }
}

async function look(path: string, folder: Folder, root: string, walked: Walked): Promise<void> {
  const place = join(folder.real, basename(path));
  // A dangling link is handed on like a file, so that opening it names it.
  const real = (await lstat(place)).isSymbolicLink() ? await realpath(place).catch(() => null) : place;
  if (real === null) walked.paths.push(path);
  else if (!isInside(root, real)) walked.linksOutside.push(path);
  else await enter({ path, real, parents: [...folder.parents, folder.real] }, root, walked);
}

async function enter(entry: Folder, root: string, walked: Walked): Promise<void> {
  const status = await stat(entry.real);
  if (status.isFile()) walked.paths.push(entry.path);
  else if (status.isDirectory() && !entry.parents.includes(entry.real)) await walkInto(entry, root, walked);
}

function isInside(root: string, real: string): boolean {
  const way = relative(root, real);
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

function cannotOpen(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
  return `cannot be opened (${String(code)})`;
}

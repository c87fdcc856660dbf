import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, DiagnosticsError, silent, writeFileAtomic } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import type { SourceSpec } from '@graft/spec';
import { admitPictures } from './admit-pictures';
import { cannotWrite, changeCounts, firstOf, lockMissing } from './errors';
import type { FetchPicturesOptions } from './fetch-options';
import { FILES_AT_A_TIME, inParallel } from './in-parallel';
import { compareLock, lockChanges, renderLock } from './lock';
import type { Lock, LockedPicture, LockNames, SkippedRecord } from './lock';
import { openLock } from './lock-mode';
import { npmCacheOf } from './npm-package';
import type { PictureList, PictureRecord, RefusedFile } from './picture';
import { recordedContents } from './recorded';
import type { SourceContext, SourceResult } from './source';
import { NO_CLASS } from './paths';
import { readSources, sourceName } from './sources';
import { ContentStore } from './store';
import { DEFAULT_TIME_LIMITS } from './watchdog';

export interface FetchResult {
  readonly list: PictureList;
  /** Pictures of no class. */
  readonly unknown: PictureList;
  /** The lock for what was fetched; weights of the old one are kept. To be written where it differs and mode is not none. */
  readonly lockText: string;
  readonly warnings: readonly Diagnostic[];
  readonly downloadedBytes: number;
}

/**
 * Gathers the pictures of all sources, checks and labels them, and writes `pictures.json` and
 * `files/<sha256>.<format>` into `outDirectory`. Throws a {@link DiagnosticsError} that names every problem.
 */
export async function fetchPictures(options: FetchPicturesOptions): Promise<FetchResult> {
  const names: LockNames = { path: options.lock.path, project: options.projectName };
  const update = options.update ?? false;
  const lock = openLock(options.lock, names, update);
  if (options.lock.mode === 'required' && lock.pictures === null && !update) {
    throw lockMissing(names.path, 'pictures', names.project);
  }
  const context = contextOf(options);
  await context.store.sweep(Date.now());
  const known = options.lock.mode === 'none' || update ? [] : (lock.skipped ?? []);
  const results = await readSources(options.sources, context, known);
  const { pictures, refused, diagnostics } = admitPictures(options, results, context.report);
  const recorded = options.lock.mode === 'none' ? [] : recordedContents(lock, pictures);
  const all = [...diagnostics, ...judgeLock(options, lock, { pictures, refused }, names)];
  // Without the ones that make the list incomplete, a lock would seem to differ only because of them.
  const errors = (diagnostics.some(isError) ? diagnostics : all).filter(isError);
  if (errors.length > 0) throw new DiagnosticsError(errors);
  const ofClass = ({ label }: Pick<RefusedFile, 'label'>): boolean => label !== NO_CLASS;
  const ofNone = ({ label }: Pick<RefusedFile, 'label'>): boolean => label === NO_CLASS;
  const list: PictureList = {
    version: 1,
    pictures: pictures.filter(ofClass),
    recorded,
    refused: refused.filter(ofClass),
  };
  const unknown: PictureList = {
    version: 1,
    pictures: pictures.filter(ofNone),
    recorded: [],
    refused: refused.filter(ofNone),
  };
  await writeOut(list, context.store, options.outDirectory, context.signal);
  await writeOut(unknown, context.store, options.unknownDirectory, context.signal);
  return {
    list,
    unknown,
    lockText: renderLock({
      ...lock,
      pictures: withFacts(pictures, lock),
      skipped: skippedRecords(options.sources, results),
    }),
    warnings: all.filter(({ severity }) => severity === 'warning'),
    downloadedBytes: results.reduce((sum, { downloadedBytes }) => sum + downloadedBytes, 0),
  };
}

/** What the lock knows of a content stays in it. */
function withFacts(pictures: readonly PictureRecord[], lock: Lock): LockedPicture[] {
  const known = new Map((lock.pictures ?? []).map(({ sha256, facts }) => [sha256, facts]));
  return pictures.map((record) => ({ ...record, facts: known.get(record.sha256) ?? null }));
}

function skippedRecords(sources: readonly SourceSpec[], results: readonly SourceResult[]): SkippedRecord[] {
  return results.flatMap(({ skipped }, index) =>
    skipped.map((file) => ({ ...file, path: `${index}/${file.path}`, source: sourceName(sources[index]) })),
  );
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

function contextOf(options: FetchPicturesOptions): Omit<SourceContext, 'isSkipped'> {
  const { times = DEFAULT_TIME_LIMITS, retries = 2, pauses, mirrors = {} } = options;
  return {
    classes: options.classes,
    include: options.include,
    exclude: options.exclude,
    maxFileBytes: options.limits.maxFileBytes,
    baseDirectory: options.baseDirectory,
    store: new ContentStore(options.storeDirectory),
    npm: {
      cacheDirectory: npmCacheOf(options.storeDirectory),
      registry: options.registry ?? null,
      times,
      retries,
    },
    http: {
      mirrors,
      workspaceRoot: options.workspaceRoot ?? options.baseDirectory,
      times,
      retries,
      ...(pauses === undefined ? {} : { pauses }),
    },
    report: options.report ?? silent,
    signal: options.signal ?? new AbortController().signal,
  };
}

function judgeLock(
  options: FetchPicturesOptions,
  lock: Lock,
  { pictures, refused }: Pick<PictureList, 'pictures' | 'refused'>,
  names: LockNames,
): Diagnostic[] {
  if (lock.pictures === null || options.lock.mode === 'none') return [];
  if (options.update !== true)
    return compareLock(lock.pictures, pictures, names).map((one) => withRefused(one, refused));
  const message = `the lock is renewed: ${changeCounts(lockChanges(lock.pictures, pictures))}`;
  options.report?.({ type: 'note', message });
  return [];
}

/** A picture that the lock lists is missing where its file has become something else. */
function withRefused(difference: Diagnostic, refused: readonly RefusedFile[]): Diagnostic {
  const lines = refused.map(({ path, reason }) => `no picture  ${path} ${reason}`);
  return { ...difference, details: [...(difference.details ?? []), ...firstOf(lines)] };
}

async function writeOut(list: PictureList, store: ContentStore, directory: string, signal: AbortSignal): Promise<void> {
  const files = join(directory, 'files');
  await mkdir(files, { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(files, error);
  });
  const formats = new Map(list.pictures.map(({ sha256, format }) => [sha256, format]));
  await inParallel([...formats], FILES_AT_A_TIME, signal, ([digest, format]) =>
    store.linkTo(digest, join(files, `${digest}.${format}`)),
  );
  const path = join(directory, 'pictures.json');
  await writeFileAtomic(path, canonicalJson(list)).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
}

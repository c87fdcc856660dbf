import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { silent, unreachable, writeFileAtomic } from '@graft/foundation';
import type { Diagnostic, Report } from '@graft/foundation';
import type { WeightsSource } from '@graft/spec';
import { cannotWrite, lockMissing, weightsDiffer, weightsNotPinned } from './errors';
import { renderLock } from './lock';
import type { Lock, LockNames, WeightsRecord } from './lock';
import { openLock } from './lock-mode';
import type { LockOptions } from './lock-mode';
import type { Mirrors } from './mirrors';
import { compareText } from './paths';
import { ContentStore } from './store';
import { DEFAULT_TIME_LIMITS } from './watchdog';
import type { TimeLimits } from './watchdog';
import { imagenetWeights } from './weights-imagenet';
import { npmWeights } from './weights-npm';
import { pathWeights } from './weights-path';

/** A file of weights, below a folder. */
export interface WeightsFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What stands for foreign weights in the output: a TensorFlow.js manifest, and the files that it names. */
export interface ReadWeights {
  readonly files: readonly WeightsFile[];
  readonly warnings: readonly Diagnostic[];
}

export interface FetchWeightsOptions {
  readonly weights: WeightsSource;
  /** Width multiplier of the network the weights are for. */
  readonly alpha: number;
  readonly projectName: string;
  /** Where paths of weights count from. Default: the workspace. */
  readonly baseDirectory?: string;
  /** Makes a manifest of a model in whatever format; throws where it is none. Needed for weights of type `path`. */
  readonly readForeign?: (files: readonly WeightsFile[]) => ReadWeights;
  /** The same store as for pictures. */
  readonly storeDirectory: string;
  readonly outDirectory: string;
  readonly mirrors?: Mirrors;
  /** Mirror folders are relative to it. */
  readonly workspaceRoot: string;
  readonly lock: LockOptions;
  /** Take what is served now, whatever the lock says. */
  readonly update?: boolean;
  readonly registry?: string;
  /** Lets addresses that are not public be downloaded from. Default: false. */
  readonly allowPrivateAddresses?: boolean;
  readonly times?: TimeLimits;
  readonly retries?: number;
  readonly report?: Report;
  readonly signal?: AbortSignal;
}

export interface WeightsResult {
  /** Sorted by path; empty for weights: none. */
  readonly files: readonly WeightsRecord[];
  /** The lock with these weights; pictures of the old one are kept. */
  readonly lockText: string;
  readonly warnings: readonly Diagnostic[];
  readonly downloadedBytes: number;
}

/** What a kind of weights gives: the bytes lie in the store. */
export interface FoundWeights {
  readonly files: readonly (WeightsRecord & { /** Below outDirectory. */ readonly name: string })[];
  /** The source itself vouches for the bytes, by a digest in the spec. */
  readonly pinned: boolean;
  /** The files are a model in a format of others, and not written out as they are. */
  readonly foreign?: true;
  readonly downloadedBytes: number;
}

export interface WeightsContext extends FetchWeightsOptions {
  readonly store: ContentStore;
  /** Digests that the lock asks for, by path. */
  readonly locked: ReadonlyMap<string, WeightsRecord>;
  readonly names: LockNames;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly times: TimeLimits;
  readonly retries: number;
}

/**
 * Gets pretrained weights and writes `manifest.json` (as it was served) and the files that it names into
 * `outDirectory`. Files of a public server have no digest in the spec: the first fetch records them in the lock, later
 * ones must match it. Of a `path`, what `readForeign` makes of it is written. `none` writes nothing.
 */
export async function fetchWeights(options: FetchWeightsOptions): Promise<WeightsResult> {
  const names: LockNames = { path: options.lock.path, project: options.projectName };
  const lock = openLock(options.lock, names, options.update ?? false);
  const locked = lockedFiles(options, lock);
  const mustBeLocked = options.lock.mode === 'required' && options.update !== true;
  if (mustBeLocked && lock.weights === null && options.weights.type !== 'none') {
    throw lockMissing(names.path, 'weights', names.project);
  }
  const found = await findWeights({
    ...options,
    names,
    locked,
    store: new ContentStore(options.storeDirectory),
    report: options.report ?? silent,
    signal: options.signal ?? new AbortController().signal,
    times: options.times ?? DEFAULT_TIME_LIMITS,
    retries: options.retries ?? 2,
  });
  const files = found.files
    .map(({ path, sha256, size }) => ({ path, sha256, size }))
    .sort((a, b) => compareText(a.path, b.path));
  compareWeights(files, locked, names);
  const missing = files.filter(({ path }) => !locked.has(path));
  if (mustBeLocked && missing.length > 0) throw lockMissing(names.path, 'weights', names.project);
  const written = await writeOut(found, options);
  const unpinned = found.pinned ? [] : missing;
  return {
    files,
    lockText: renderLock({ ...lock, weights: files }),
    warnings: [...(unpinned.length === 0 ? [] : [weightsNotPinned(unpinned.length, names.path)]), ...written],
    downloadedBytes: found.downloadedBytes,
  };
}

function lockedFiles(options: FetchWeightsOptions, lock: Lock): Map<string, WeightsRecord> {
  const usable = options.lock.mode !== 'none' && options.update !== true;
  return new Map(usable ? (lock.weights ?? []).map((record) => [record.path, record]) : []);
}

async function findWeights(context: WeightsContext): Promise<FoundWeights> {
  const { weights } = context;
  switch (weights.type) {
    case 'none':
      return { files: [], pinned: true, downloadedBytes: 0 };
    case 'npm':
      return npmWeights(weights, context);
    case 'path':
      return pathWeights(weights.path, context);
    case 'imagenet':
      return imagenetWeights(context);
    default:
      return unreachable(weights);
  }
}

function compareWeights(
  files: readonly WeightsRecord[],
  locked: ReadonlyMap<string, WeightsRecord>,
  names: LockNames,
): void {
  const lines = files.flatMap(({ path, sha256, size }) => {
    const before = locked.get(path);
    if (before === undefined || before.sha256 === sha256) return [];
    return `${path}  expected ${before.sha256.slice(0, 8)}… (${before.size} bytes)  got ${sha256.slice(0, 8)}… (${size} bytes)`;
  });
  if (lines.length > 0) throw weightsDiffer(lines, names.path, names.project);
}

/** @returns what is to be said of them */
async function writeOut(found: FoundWeights, options: FetchWeightsOptions): Promise<readonly Diagnostic[]> {
  if (found.files.length === 0) return [];
  const store = new ContentStore(options.storeDirectory);
  const kept: WeightsFile[] = [];
  for (const { name, sha256 } of found.files) {
    const bytes = await store.read(sha256);
    if (bytes === null) throw new Error(`internal: ${sha256} left the store while it was written out`);
    kept.push({ path: name, bytes });
  }
  const { files, warnings } = found.foreign === true ? readForeign(kept, options) : { files: kept, warnings: [] };
  await mkdir(options.outDirectory, { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(options.outDirectory, error);
  });
  for (const { path: name, bytes } of files) {
    const path = join(options.outDirectory, name);
    await writeFileAtomic(path, bytes).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  }
  return warnings;
}

function readForeign(files: readonly WeightsFile[], options: FetchWeightsOptions): ReadWeights {
  if (options.readForeign === undefined) throw new Error('internal: nobody is there to read weights of a path');
  return options.readForeign(files);
}

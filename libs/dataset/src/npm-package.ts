import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256, writeFileAtomic } from '@graft/foundation';
import type { Report } from '@graft/foundation';
import { cannotWrite, integrityUnusable } from './errors';
import { downloadTarball } from './npm-download';
import { compareText } from './paths';
import type { ContentStore } from './store';
import { readTarball } from './tarball';
import type { TimeLimits } from './watchdog';

export interface PackageSpec {
  readonly package: string;
  /** Exact. */
  readonly version: string;
  /** `sha512-…` of the tarball. */
  readonly integrity: string;
}

export interface PackageSelection {
  /** Plain data that decides what `wants` answers: equal keys, equal selections. */
  readonly key: unknown;
  readonly wants: (path: string) => boolean;
  readonly maxFileBytes: number;
}

export interface PackageFile {
  /** Inside the package. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

export interface PackageFiles {
  /** Sorted by path. */
  readonly files: readonly PackageFile[];
  /** Wanted, but larger than allowed. */
  readonly tooLarge: readonly { readonly path: string; readonly size: number }[];
  readonly downloadedBytes: number;
}

export interface NpmAccess {
  /** Whole tarballs, kept for other selections from the same package. */
  readonly cacheDirectory: string;
  /** Null: the environment variable npm_config_registry, else the public registry. */
  readonly registry: string | null;
  readonly times: TimeLimits;
  /** How often a broken download is tried again. */
  readonly retries: number;
}

export interface PackageContext {
  readonly store: ContentStore;
  readonly npm: NpmAccess;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Beside the store, so that clearing one keeps the other. */
export function npmCacheOf(storeDirectory: string): string {
  return join(storeDirectory, '..', 'npm-cache');
}

export function packageName(spec: PackageSpec): string {
  return `${spec.package}@${spec.version}`;
}

/**
 * Brings the selected files of a package into the store. A selection that was made before is answered from the
 * store, another one of the same package from the kept tarball; only then is anything downloaded.
 */
export async function readPackage(
  spec: PackageSpec,
  selection: PackageSelection,
  context: PackageContext,
): Promise<PackageFiles> {
  checkIntegrity(spec);
  const memory = selectionPath(spec, selection, context.store);
  const remembered = await recall(memory, context.store);
  if (remembered !== null) return { ...remembered, downloadedBytes: 0 };
  const { files, tooLarge, downloadedBytes } = await extract(spec, selection, context);
  await writeFileAtomic(memory, canonicalJson({ files, package: packageName(spec), tooLarge })).catch((error) => {
    throw cannotWrite(memory, error);
  });
  return { files, tooLarge, downloadedBytes };
}

const MAX_ENTRIES = 200_000;
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;

async function extract(spec: PackageSpec, selection: PackageSelection, context: PackageContext): Promise<PackageFiles> {
  let files = new Map<string, PackageFile>();
  let tooLarge: { path: string; size: number }[] = [];
  const downloadedBytes = await downloadTarball(spec, context, (tarball, onUnpacked) => {
    // Called once more when a download broke: what the first one gave is forgotten.
    files = new Map();
    tooLarge = [];
    return readTarball(tarball, {
      name: packageName(spec),
      limits: { maxEntries: MAX_ENTRIES, maxTotalBytes: MAX_UNPACKED_BYTES, maxFileBytes: selection.maxFileBytes },
      wants: selection.wants,
      onFile: async (path, bytes) => {
        files.set(path, { path, sha256: await context.store.put(bytes), size: bytes.length });
      },
      onTooLarge: (path, size) => tooLarge.push({ path, size }),
      onUnpacked,
    });
  });
  const byPath = (a: { path: string }, b: { path: string }) => compareText(a.path, b.path);
  return { files: [...files.values()].sort(byPath), tooLarge: tooLarge.sort(byPath), downloadedBytes };
}

// The integrity stands for the package: the same bytes under two names are the same package.
function selectionPath(spec: PackageSpec, selection: PackageSelection, store: ContentStore): string {
  const key = canonicalJson([1, spec.integrity, selection.key, selection.maxFileBytes]);
  return join(store.directory, 'selections', `${sha256(key)}.json`);
}

/** What an earlier run selected, if every byte of it is still there and right. */
async function recall(path: string, store: ContentStore): Promise<Omit<PackageFiles, 'downloadedBytes'> | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const memory = parseMemory(text);
  if (memory === null) return null;
  for (const { sha256: digest } of memory.files) {
    if ((await store.read(digest)) === null) return null;
  }
  return memory;
}

function parseMemory(text: string): Omit<PackageFiles, 'downloadedBytes'> | null {
  try {
    const memory: unknown = JSON.parse(text);
    if (typeof memory !== 'object' || memory === null || !('files' in memory) || !('tooLarge' in memory)) return null;
    const { files, tooLarge } = memory;
    if (!Array.isArray(files) || !Array.isArray(tooLarge)) return null;
    return files.every(isFile) && tooLarge.every(isSized) ? { files, tooLarge } : null;
  } catch {
    return null; // a half-written or foreign file counts as none
  }
}

function isSized(value: unknown): value is { path: string; size: number } {
  if (typeof value !== 'object' || value === null || !('path' in value) || !('size' in value)) return false;
  return typeof value.path === 'string' && typeof value.size === 'number';
}

function isFile(value: unknown): value is PackageFile {
  return isSized(value) && 'sha256' in value && typeof value.sha256 === 'string' && /^[0-9a-f]{64}$/.test(value.sha256);
}

const INTEGRITY = /^(sha512|sha384|sha256)-([A-Za-z0-9+/]+={0,2})$/;

function checkIntegrity(spec: PackageSpec): void {
  const [, algorithm, digest] = INTEGRITY.exec(spec.integrity) ?? [];
  const wanted = algorithm === undefined ? -1 : createHash(algorithm).digest().length;
  if (digest === undefined || Buffer.from(digest, 'base64').length !== wanted) {
    throw integrityUnusable(packageName(spec), spec.integrity);
  }
}

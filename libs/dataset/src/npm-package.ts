import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Report } from '@graft/foundation';
import { integrityUnusable } from './errors';
import { downloadTarball } from './npm-download';
import { SelectionBuilder, SelectionMemory } from './selections';
import type { Selection } from './selections';
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

export interface PackageFiles extends Selection {
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
  // The integrity stands for the package: the same bytes under two names are the same package.
  const memory = new SelectionMemory([2, spec.integrity, selection.key, selection.maxFileBytes], context.store);
  const remembered = await memory.recall();
  if (remembered !== null) return { ...remembered, downloadedBytes: 0 };
  const found = await extract(spec, selection, context);
  await memory.remember(found, packageName(spec));
  return found;
}

const MAX_ENTRIES = 200_000;
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;

async function extract(spec: PackageSpec, selection: PackageSelection, context: PackageContext): Promise<PackageFiles> {
  let found = new SelectionBuilder(context.store);
  const downloadedBytes = await downloadTarball(spec, context, (tarball, onUnpacked) => {
    // Called once more when a download broke: what the first one gave is forgotten.
    found = new SelectionBuilder(context.store);
    return readTarball(tarball, {
      name: packageName(spec),
      limits: { maxEntries: MAX_ENTRIES, maxTotalBytes: MAX_UNPACKED_BYTES, maxFileBytes: selection.maxFileBytes },
      wants: selection.wants,
      onFile: found.onFile,
      onTooLarge: found.onTooLarge,
      onUnpacked,
    });
  });
  return { ...found.finish(), downloadedBytes };
}

const INTEGRITY = /^(sha512|sha384|sha256)-([A-Za-z0-9+/]+={0,2})$/;

function checkIntegrity(spec: PackageSpec): void {
  const [, algorithm, digest] = INTEGRITY.exec(spec.integrity) ?? [];
  const wanted = algorithm === undefined ? -1 : createHash(algorithm).digest().length;
  if (digest === undefined || Buffer.from(digest, 'base64').length !== wanted) {
    throw integrityUnusable(packageName(spec), spec.integrity);
  }
}

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentStore, DEFAULT_TIME_LIMITS, npmCacheOf, readPackage } from '@graft/dataset';
import type { PackageSpec } from '@graft/dataset';
import type { Report } from '@graft/foundation';

/** The part of an npm package that is needed. */
export interface PackagePart extends PackageSpec {
  /** Paths inside the package. */
  readonly wanted: RegExp;
}

export interface InstallOptions {
  /** Receives one folder for each runtime, and the store of what was downloaded: Graft's cache. */
  readonly cacheFolder: string;
  /** Of npm packages; null: as npm is set up. */
  readonly registry: string | null;
  readonly report: Report;
  readonly signal: AbortSignal;
}

const MAX_FILE_BYTES = 64 * 1024 ** 2;
const RETRIES = 2;

/**
 * Brings files of pinned npm packages into a folder `<cache>/runtimes/<name>/node_modules`; no install script runs. The folder appears whole
 * or not at all. @returns the folder @throws GraftError E20x
 */
export async function installPackages(
  name: string,
  parts: readonly PackagePart[],
  options: InstallOptions,
): Promise<string> {
  const runtimes = join(options.cacheFolder, 'runtimes');
  const target = join(runtimes, name);
  if (existsSync(target)) return target;
  const building = join(runtimes, `.building-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(building, { recursive: true });
    for (const part of parts) await unpack(part, join(building, 'node_modules', part.package), options);
    // Two may have started: what the first one has put there is the same.
    await rename(building, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return target;
}

async function unpack(part: PackagePart, folder: string, { cacheFolder, registry, report, signal }: InstallOptions) {
  const storeDirectory = join(cacheFolder, 'store');
  const store = new ContentStore(storeDirectory);
  const npm = { cacheDirectory: npmCacheOf(storeDirectory), registry, times: DEFAULT_TIME_LIMITS, retries: RETRIES };
  const selection = {
    key: ['runtimes', part.wanted.source],
    wants: (path: string) => part.wanted.test(path),
    maxFileBytes: MAX_FILE_BYTES,
  };
  const { files } = await readPackage(part, selection, { store, npm, report, signal });
  for (const { path, sha256 } of files) await store.linkTo(sha256, join(folder, path));
}

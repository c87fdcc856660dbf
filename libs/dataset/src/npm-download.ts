import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import * as pacote from 'pacote';
import type { Options } from 'pacote';
import { GraftError } from '@graft/foundation';
import type { Report } from '@graft/foundation';
import { integrityMismatch, packageNotFound, packageRefused, packageStalled, registryFailed } from './errors';
import type { NpmAccess, PackageSpec } from './npm-package';
import { Watchdog } from './watchdog';

/** Reads a tarball to its end. May be called again from the start when a download broke. */
export type TarballReader = (tarball: AsyncIterable<Uint8Array>, onUnpacked: (bytes: number) => void) => Promise<void>;

export interface DownloadContext {
  readonly npm: NpmAccess;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * Hands a package's tarball to the reader, from the tarball cache or else from the registry, and gives the bytes that
 * came over the network. Returns only after the integrity of the whole tarball was found right: until then the reader
 * must not let anybody trust what it read.
 */
export async function downloadTarball(
  spec: PackageSpec,
  context: DownloadContext,
  reader: TarballReader,
): Promise<number> {
  if (await readKeptTarball(spec, context, reader)) return 0;
  const moved = { bytes: 0 };
  for (let attempt = 0; ; attempt++) {
    try {
      await readOnline(spec, context, reader, moved);
      return moved.bytes;
    } catch (error) {
      context.signal.throwIfAborted();
      if (attempt >= context.npm.retries || !isPassing(error)) throw error;
      context.report({ type: 'note', message: `the download of ${nameOf(spec)} broke off; trying again` });
      await delay(250 * 2 ** attempt, undefined, { signal: context.signal });
    }
  }
}

const nameOf = (spec: PackageSpec): string => `${spec.package}@${spec.version}`;

function pacoteOptions(spec: PackageSpec, { npm }: DownloadContext, watchdog: Watchdog): Options & Extras {
  const registry = npm.registry ?? process.env['npm_config_registry'];
  return {
    cache: npm.cacheDirectory,
    integrity: spec.integrity,
    // Retries are made here, where a tarball that breaks off in the middle is covered as well.
    fetchRetries: 0,
    // A second net below the watchdog's, which is the one that says what happened.
    timeout: 2 * npm.times.idleMs,
    signal: watchdog.signal,
    ...(registry === undefined || registry === '' ? {} : { registry }),
  };
}

/** Options that pacote takes and its published types do not know. */
interface Extras {
  readonly signal: AbortSignal;
  readonly resolved?: string;
}

async function readKeptTarball(spec: PackageSpec, context: DownloadContext, reader: TarballReader): Promise<boolean> {
  const options = {
    // The cache answers by integrity; the address is only asked for, never used.
    resolved: `https://localhost/${spec.package}/-/${spec.version}.tgz`,
    offline: true,
  };
  try {
    await readOnce(spec, context, reader, { options, moved: { bytes: 0 } });
    return true;
  } catch (error) {
    context.signal.throwIfAborted();
    // A package that is refused stays refused; one that is not here, or no longer whole, is downloaded.
    if (error instanceof GraftError && ['E206', 'E207', 'E233'].includes(error.code)) throw error;
    return false;
  }
}

async function readOnline(
  spec: PackageSpec,
  context: DownloadContext,
  reader: TarballReader,
  moved: { bytes: number },
): Promise<void> {
  // What the cache knows of the registry may be older than the version wanted.
  await readOnce(spec, context, reader, { options: { preferOnline: true, packumentCache: new Map() }, moved });
}

interface Attempt {
  readonly options: Options & Partial<Extras>;
  readonly moved: { bytes: number };
}

async function readOnce(
  spec: PackageSpec,
  context: DownloadContext,
  reader: TarballReader,
  { options, moved }: Attempt,
): Promise<void> {
  const watchdog = new Watchdog(context.npm.times, context.signal);
  const all = { ...pacoteOptions(spec, context, watchdog), ...options };
  const work = async (): Promise<void> => {
    const total = all.offline === true ? 0 : await unpackedSize(spec, all);
    const onUnpacked = progress(spec, total, context.report);
    await pacote.tarball.stream(
      nameOf(spec),
      (stream) => reader(checked(nodeStream(stream), spec, watchdog, moved), onUnpacked),
      all,
    );
  };
  try {
    await watchdog.guard(work());
  } catch (error) {
    context.signal.throwIfAborted();
    throw explain(error, spec, watchdog);
  } finally {
    watchdog.stop();
  }
}

/** As the registry states it; 0 where it does not. */
async function unpackedSize(spec: PackageSpec, options: Options): Promise<number> {
  const manifest = await pacote.manifest(nameOf(spec), options);
  return manifest.dist.unpackedSize ?? 0;
}

/**
 * The stream that pacote hands out reports an error only to those who listen at that very moment, and an error without
 * a listener ends the process: this listener stays.
 */
function nodeStream(stream: Transform): PassThrough {
  const bytes = new PassThrough();
  stream.on('error', (error) => bytes.destroy(error));
  stream.pipe(bytes);
  return bytes;
}

/** Counts the bytes, keeps the watchdog calm, and ends in an error where the digest is not the one asked for. */
async function* checked(
  stream: AsyncIterable<Uint8Array>,
  spec: PackageSpec,
  watchdog: Watchdog,
  moved: { bytes: number },
): AsyncGenerator<Uint8Array> {
  const [algorithm] = spec.integrity.split('-', 1);
  const hash = createHash(algorithm);
  for await (const chunk of stream) {
    watchdog.kick();
    hash.update(chunk);
    moved.bytes += chunk.length;
    yield chunk;
    watchdog.kick();
  }
  const got = `${algorithm}-${hash.digest('base64')}`;
  if (got !== spec.integrity) throw integrityMismatch(nameOf(spec), spec.integrity, new Error(`got ${got}`));
}

const REPORT_EVERY_BYTES = 2 * 1024 * 1024;

/** Progress in unpacked bytes: the registry states their sum, and not the size of the tarball. */
function progress(spec: PackageSpec, total: number, report: Report): (unpacked: number) => void {
  let reported = -Infinity;
  return (done) => {
    if (done - reported < REPORT_EVERY_BYTES && done !== total) return;
    reported = done;
    const shown = total === 0 ? 0 : Math.max(total, done);
    report({ type: 'progress', task: `fetching ${nameOf(spec)}`, done, total: shown, unit: 'byte' });
  };
}

/** A second try may do better: the network failed, or the bytes were spoilt on their way. */
function isPassing(error: unknown): boolean {
  return error instanceof GraftError && (error.code === 'E203' || error.code === 'E208') && !isDefinite(error.cause);
}

function isDefinite(cause: unknown): boolean {
  const code = codeOf(cause);
  return /^E4\d\d$/.test(code) || code === 'ENOTFOUND' || code.includes('CERT') || code.includes('SSL');
}

function explain(error: unknown, spec: PackageSpec, watchdog: Watchdog): Error {
  const name = nameOf(spec);
  if (watchdog.expired !== null) {
    const { idleMs, totalMs } = watchdog.limits;
    return packageStalled(name, watchdog.expired, watchdog.expired === 'idle' ? idleMs : totalMs);
  }
  if (error instanceof GraftError) return error;
  const code = codeOf(error);
  // A short body that is wrong is told before anybody listens; what arrives here then is a wrapper with this text.
  if (code === 'EINTEGRITY' || /integrity checksum failed/i.test(String(error)))
    return integrityMismatch(name, spec.integrity, error);
  if (code === 'E404' || code === 'ETARGET') return packageNotFound(name, error);
  if (code.startsWith('Z_')) return packageRefused(name, 'it is not a gzipped tarball', error);
  return registryFailed(name, error);
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

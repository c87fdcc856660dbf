import { readFile, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';
import type { GraftError } from '@graft/foundation';
import { attempt } from './attempt';
import type { AttemptOptions } from './attempt';
import { Connections } from './connections';
import { DownloadError } from './download-error';
import { placeOf } from './mirrors';
import type { Mirrors, Place } from './mirrors';
import { MemoryPartial } from './partial';
import type { Partial } from './partial';
import { RefusedAddress } from './public-address';
import type { TimeLimits } from './watchdog';

export interface TransferOptions {
  readonly maxBytes: number;
  readonly mirrors: Mirrors;
  /** Mirror folders start here. */
  readonly workspaceRoot: string;
  readonly allowPrivateAddresses: boolean;
  /** Plain http will do: a digest tells whether the right bytes came. Default: false. */
  readonly plainHttp?: boolean;
  /** Forms that are understood; anything by default. */
  readonly accept?: string;
  readonly times: TimeLimits;
  /** How often a download that broke off without much progress is tried again. */
  readonly retries: number;
  readonly pauses?: Pauses;
  /** Default: those of this download alone. */
  readonly connections?: Connections;
  /** Bytes that just came over the network, and how large the file is said to be; 0 where that is not said. */
  readonly onBytes?: (bytes: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Before another try. Milliseconds. */
export interface Pauses {
  /** The first one; each further one is twice as long. */
  readonly firstMs: number;
  /** Also where the server asks for more (Retry-After). */
  readonly longestMs: number;
}

const DEFAULT_PAUSES: Pauses = { firstMs: 250, longestMs: 60_000 };

/** The errors in which a download may end. */
export interface DownloadProblems {
  readonly failed: (url: string, cause: unknown) => GraftError;
  readonly refused: (url: string, reason: string) => GraftError;
  readonly tooLarge: (url: string, limit: number) => GraftError;
  readonly stalled: (url: string, limit: 'idle' | 'total', milliseconds: number) => GraftError;
}

export interface DownloadOptions extends TransferOptions {
  readonly problems: DownloadProblems;
}

export interface Downloaded {
  readonly bytes: Uint8Array;
  /** 0 from a mirror folder. */
  readonly networkBytes: number;
}

/**
 * Gets one file into memory: from public addresses only, at most five redirects, within limits of size and time. A
 * mirror that was named by hand is trusted to be where it is, but not to redirect elsewhere.
 */
export async function download(address: string, options: DownloadOptions): Promise<Downloaded> {
  const partial = new MemoryPartial();
  const networkBytes = await downloadInto(partial, address, options);
  return { bytes: partial.bytes, networkBytes };
}

/** Does the same into `partial`, from where that ends, and gives the bytes that came over the network. */
export async function downloadInto(partial: Partial, address: string, options: DownloadOptions): Promise<number> {
  try {
    return await transfer(partial, address, options);
  } catch (error) {
    throw error instanceof DownloadError ? explained(error, address, options.problems) : error;
  }
}

function explained(error: DownloadError, address: string, problems: DownloadProblems): GraftError {
  const { fault } = error;
  switch (fault.kind) {
    case 'refused':
      return problems.refused(fault.address, fault.reason);
    case 'too large':
      return problems.tooLarge(address, fault.limit);
    case 'stalled':
      return problems.stalled(address, fault.limit, fault.milliseconds);
    default:
      return problems.failed(address, error);
  }
}

/** {@link downloadInto} for callers with words of their own. @throws DownloadError, or GraftError where the disk refuses. */
export async function transfer(partial: Partial, address: string, options: TransferOptions): Promise<number> {
  const place = placed(address, options);
  if (place.type === 'file') {
    await partial.begin(null);
    await partial.append(await readMirror(place.path, options));
    return 0;
  }
  const connections = options.connections ?? new Connections();
  try {
    return await untilDone(place.url, partial, { ...options, connections, trusted: place.trusted });
  } finally {
    if (options.connections === undefined) connections.close();
  }
}

function placed(address: string, { mirrors, workspaceRoot }: TransferOptions): Place {
  try {
    return placeOf(address, mirrors, workspaceRoot);
  } catch (error) {
    if (!(error instanceof RefusedAddress)) throw error;
    throw new DownloadError({ kind: 'refused', address: error.address, reason: error.reason }, error);
  }
}

async function readMirror(path: string, { maxBytes }: TransferOptions): Promise<Uint8Array> {
  try {
    if ((await stat(path)).size > maxBytes) throw new DownloadError({ kind: 'too large', limit: maxBytes });
    return await readFile(path);
  } catch (error) {
    if (error instanceof DownloadError) throw error;
    const reason = types.isNativeError(error) ? error.message : String(error);
    const isMissing = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
    throw new DownloadError(isMissing ? { kind: 'unavailable', reason } : { kind: 'broken', reason }, error);
  }
}

type Settings = TransferOptions & { readonly connections: Connections; readonly trusted: boolean };

/** With so much progress, a download that breaks off over and over is still getting somewhere. */
const PROGRESS_BYTES = 1024 * 1024;

async function untilDone(url: URL, partial: Partial, settings: Settings): Promise<number> {
  const { signal, retries, pauses = DEFAULT_PAUSES } = settings;
  let moved = 0;
  const options: AttemptOptions = {
    ...settings,
    trustedOrigin: settings.trusted ? url.origin : null,
    plainHttp: settings.plainHttp ?? false,
    onBytes: (bytes, total) => {
      moved += bytes;
      settings.onBytes?.(bytes, total);
    },
  };
  for (let failures = 0; ; failures++) {
    const before = moved;
    try {
      await attempt(url, partial, options);
      return moved;
    } catch (error) {
      signal.throwIfAborted();
      if (moved - before >= PROGRESS_BYTES) failures = 0;
      if (!(error instanceof DownloadError) || !error.passing || failures >= retries) throw error;
      await delay(pauseMs(failures, error, pauses), undefined, { signal });
    }
  }
}

function pauseMs(failures: number, { fault }: DownloadError, { firstMs, longestMs }: Pauses): number {
  const asked = fault.kind === 'status' ? (fault.retryAfterMs ?? 0) : 0;
  return Math.min(longestMs, Math.max(asked, firstMs * 2 ** failures));
}

import { readFile, stat } from 'node:fs/promises';
import { get as getHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { GraftError } from '@graft/foundation';
import { addressRefused, downloadFailed, downloadStalled, downloadTooLarge } from './errors';
import { placeOf } from './mirrors';
import type { Mirrors } from './mirrors';
import { checkLiteralAddress, lookupPublic } from './public-address';
import { Watchdog } from './watchdog';
import type { TimeLimits } from './watchdog';

export interface DownloadOptions {
  readonly maxBytes: number;
  readonly mirrors: Mirrors;
  /** Mirror folders start here. */
  readonly workspaceRoot: string;
  readonly allowPrivateAddresses: boolean;
  readonly times: TimeLimits;
  readonly retries: number;
  readonly signal: AbortSignal;
}

export interface Downloaded {
  readonly bytes: Uint8Array;
  /** 0 from a mirror folder. */
  readonly networkBytes: number;
}

/**
 * Gets one file: https only, public addresses only, at most five redirects, within limits of size and time. A mirror
 * that was named by hand is trusted to be where it is, but not to redirect elsewhere.
 */
export async function download(address: string, options: DownloadOptions): Promise<Downloaded> {
  const place = placeOf(address, options.mirrors, options.workspaceRoot);
  if (place.type === 'file') return { bytes: await readMirror(address, place.path, options), networkBytes: 0 };
  const trustedOrigin = place.trusted ? place.url.origin : null;
  for (let attempt = 0; ; attempt++) {
    try {
      const bytes = await downloadOnce(place.url, trustedOrigin, options);
      return { bytes, networkBytes: bytes.length };
    } catch (error) {
      options.signal.throwIfAborted();
      if (attempt >= options.retries || !isPassing(error)) throw error;
      await delay(250 * 2 ** attempt, undefined, { signal: options.signal });
    }
  }
}

async function readMirror(address: string, path: string, options: DownloadOptions): Promise<Uint8Array> {
  try {
    if ((await stat(path)).size > options.maxBytes) throw downloadTooLarge(address, options.maxBytes);
    return await readFile(path);
  } catch (error) {
    throw error instanceof GraftError ? error : downloadFailed(address, error);
  }
}

const MAX_REDIRECTS = 5;

async function downloadOnce(start: URL, trustedOrigin: string | null, options: DownloadOptions): Promise<Uint8Array> {
  const watchdog = new Watchdog(options.times, options.signal);
  try {
    return await watchdog.guard(follow(start, trustedOrigin, options, watchdog));
  } catch (error) {
    options.signal.throwIfAborted();
    if (watchdog.expired !== null) {
      const { idleMs, totalMs } = options.times;
      throw downloadStalled(start.href, watchdog.expired, watchdog.expired === 'idle' ? idleMs : totalMs);
    }
    throw error instanceof GraftError ? error : downloadFailed(start.href, error);
  } finally {
    watchdog.stop();
  }
}

async function follow(
  start: URL,
  trustedOrigin: string | null,
  options: DownloadOptions,
  watchdog: Watchdog,
): Promise<Uint8Array> {
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const trusted = options.allowPrivateAddresses || url.origin === trustedOrigin;
    const response = await request(url, trusted, url.origin === trustedOrigin, watchdog.signal);
    const location = redirectOf(response);
    if (location === null) return readBody(url, response, options.maxBytes, watchdog);
    response.resume();
    url = new URL(location, url);
  }
  throw downloadFailed(start.href, new Error(`more than ${MAX_REDIRECTS} redirects`));
}

function request(
  url: URL,
  innerAllowed: boolean,
  plainAllowed: boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  if (url.protocol !== 'https:' && !(plainAllowed && url.protocol === 'http:')) {
    throw addressRefused(url.href, 'it is not https');
  }
  if (!innerAllowed) checkLiteralAddress(url);
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'graft' };
  return new Promise((resolve, reject) => {
    get(url, { headers, signal, agent: false, ...(innerAllowed ? {} : { lookup: lookupPublic }) }, resolve).on(
      'error',
      reject,
    );
  });
}

function redirectOf({ statusCode, headers }: IncomingMessage): string | null {
  return [301, 302, 303, 307, 308].includes(statusCode ?? 0) ? (headers.location ?? null) : null;
}

async function readBody(
  url: URL,
  response: IncomingMessage,
  maxBytes: number,
  watchdog: Watchdog,
): Promise<Uint8Array> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw downloadFailed(url.href, new StatusError(response.statusCode ?? 0));
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response) {
    watchdog.kick();
    size += chunk.length;
    if (size > maxBytes) throw downloadTooLarge(url.href, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

class StatusError extends Error {
  constructor(readonly status: number) {
    super(`the server answered ${status}`);
  }
}

/** Broken connections and troubled servers may do better next time; a missing file will not. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof GraftError) || (error.code !== 'E640' && error.code !== 'E643')) return false;
  return !(error.cause instanceof StatusError && error.cause.status < 500 && error.cause.status !== 429);
}

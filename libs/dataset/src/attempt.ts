import { get as getHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { types } from 'node:util';
import { GraftError, reasonOf } from '@graft/foundation';
import type { Connections } from './connections';
import { DownloadError, retryAfterMs } from './download-error';
import type { Partial } from './partial';
import { RefusedAddress } from './public-address';
import { Watchdog } from './watchdog';
import type { TimeLimits } from './watchdog';

export interface AttemptOptions {
  readonly maxBytes: number;
  /** The server that a mirror names: it may be an inner one and need no https. */
  readonly trustedOrigin: string | null;
  readonly allowPrivateAddresses: boolean;
  readonly plainHttp: boolean;
  /** Forms that are understood; anything by default. */
  readonly accept?: string;
  readonly times: TimeLimits;
  readonly connections: Connections;
  /** Bytes that just arrived, and how large the file is said to be; 0 where that is not said. */
  readonly onBytes: (bytes: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** One try to bring what is missing of a file. @throws DownloadError, or GraftError where the disk refuses. */
export async function attempt(start: URL, partial: Partial, options: AttemptOptions): Promise<void> {
  const watchdog = new Watchdog(options.times, options.signal);
  try {
    await watchdog.guard(follow(start, partial, options, watchdog));
  } catch (error) {
    options.signal.throwIfAborted();
    throw explained(error, watchdog);
  } finally {
    watchdog.stop();
  }
}

function explained(error: unknown, { expired, limits }: Watchdog): Error {
  if (expired !== null) {
    const milliseconds = expired === 'idle' ? limits.idleMs : limits.totalMs;
    return new DownloadError({ kind: 'stalled', limit: expired, milliseconds });
  }
  if (error instanceof DownloadError || error instanceof GraftError) return error;
  if (error instanceof RefusedAddress) {
    return new DownloadError({ kind: 'refused', address: error.address, reason: error.reason }, error);
  }
  return new DownloadError({ kind: 'broken', reason: brokenBecause(error) }, error);
}

/** A connection that ends without a word. */
const brokenBecause = (error: unknown): string =>
  types.isNativeError(error) && reasonOf(error) === error.name ? 'the connection failed' : reasonOf(error);

const MAX_REDIRECTS = 5;

async function follow(start: URL, partial: Partial, options: AttemptOptions, watchdog: Watchdog): Promise<void> {
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await request(url, partial, options, watchdog.signal);
    const location = redirectOf(response);
    if (location === null) return readBody(response, partial, options, watchdog);
    response.destroy();
    url = redirected(location, url);
  }
  throw new DownloadError({ kind: 'unavailable', reason: `more than ${MAX_REDIRECTS} redirects` });
}

function redirected(location: string, from: URL): URL {
  if (URL.canParse(location, from.href)) return new URL(location, from);
  throw new DownloadError({ kind: 'unavailable', reason: 'it redirects to what is no address' });
}

async function request(
  url: URL,
  partial: Partial,
  options: AttemptOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const trusted = url.origin === options.trustedOrigin;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (trusted || options.plainHttp))) {
    throw new RefusedAddress(url.href, 'it is not https');
  }
  const agent = await options.connections.agentFor(url, trusted || options.allowPrivateAddresses);
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  const fixed = { accept: options.accept ?? '*/*', 'accept-encoding': 'identity', 'user-agent': 'graft' };
  return new Promise((resolve, reject) => {
    get(url, { headers: { ...fixed, ...rangeOf(partial) }, signal, agent }, resolve).on('error', reject);
  });
}

/** Only what the server can vouch for is completed: without an ETag or date the file may be another one by now. */
function rangeOf({ size, validator }: Partial): Record<string, string> {
  return size === 0 || validator === null ? {} : { range: `bytes=${size}-`, 'if-range': validator };
}

function redirectOf({ statusCode, headers }: IncomingMessage): string | null {
  return [301, 302, 303, 307, 308].includes(statusCode ?? 0) ? (headers.location ?? null) : null;
}

async function readBody(
  response: IncomingMessage,
  partial: Partial,
  { maxBytes, onBytes }: AttemptOptions,
  watchdog: Watchdog,
): Promise<void> {
  try {
    await beginOrGoOn(response, partial);
    const tooLarge = new DownloadError({ kind: 'too large', limit: maxBytes });
    const announced = Number(response.headers['content-length'] ?? 0);
    const total = announced === 0 ? 0 : partial.size + announced;
    if (total > maxBytes) throw tooLarge;
    for await (const chunk of response) {
      if (partial.size + chunk.length > maxBytes) throw tooLarge;
      await partial.append(chunk);
      watchdog.kick(chunk.length);
      onBytes(chunk.length, total);
    }
  } finally {
    response.destroy();
  }
}

async function beginOrGoOn({ statusCode = 0, headers }: IncomingMessage, partial: Partial): Promise<void> {
  if (statusCode === 200) return partial.begin(validatorOf(headers.etag, headers['last-modified']));
  if (statusCode === 206 && headers['content-range']?.startsWith(`bytes ${partial.size}-`) === true) return;
  // Whatever else it says about the part that was asked for, the next try asks for the whole.
  if (partial.size > 0) await partial.begin(null);
  if (statusCode === 206 || statusCode === 416) {
    throw new DownloadError({ kind: 'broken', reason: 'the server gives another part of the file than was asked for' });
  }
  const wait = retryAfterMs(headers['retry-after'], Date.now());
  throw new DownloadError({ kind: 'status', status: statusCode, retryAfterMs: wait });
}

/** A weak ETag promises no equal bytes, and If-Range may not carry one (RFC 9110, 13.1.5). */
function validatorOf(etag: string | undefined, lastModified: string | undefined): string | null {
  return etag !== undefined && !etag.startsWith('W/') ? etag : (lastModified ?? null);
}

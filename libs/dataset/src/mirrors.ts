import { join } from 'node:path';
import { RefusedAddress } from './public-address';

/** URL prefix to a folder (relative to the workspace root) or to another URL prefix. */
export type Mirrors = Readonly<Record<string, string>>;

export type Place =
  | { readonly type: 'file'; readonly path: string }
  /** `trusted`: somebody named this server by hand, so it may be an inner one and need no https. */
  | { readonly type: 'url'; readonly url: URL; readonly trusted: boolean };

/**
 * Where an address is really read from: the longest prefix among the mirrors decides.
 * @throws RefusedAddress where it would leave its mirror
 */
export function placeOf(address: string, mirrors: Mirrors, workspaceRoot: string): Place {
  const prefixes = Object.keys(mirrors).filter((prefix) => address.startsWith(prefix));
  const prefix = prefixes.sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return { type: 'url', url: new URL(address), trusted: false };
  const mirror = mirrors[prefix];
  const rest = address.slice(prefix.length);
  if (/^https?:\/\//i.test(mirror)) return { type: 'url', url: parsed(mirror, rest), trusted: true };
  const segments = rest.split(/[?#]/, 1)[0].split('/').map(decoded);
  if (segments.some((segment) => segment === '..' || /[\\/]/.test(segment))) {
    throw new RefusedAddress(address, 'it leads out of the mirror folder');
  }
  return { type: 'file', path: join(workspaceRoot, mirror, ...segments) };
}

function parsed(mirror: string, rest: string): URL {
  try {
    return new URL(`${mirror.replace(/\/$/, '')}/${rest.replace(/^\//, '')}`);
  } catch {
    throw new RefusedAddress(mirror, 'it is not an address');
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

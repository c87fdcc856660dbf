import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateSync } from 'node:zlib';
import { reasonOf, sha256 } from '@graft/foundation';
import { noStub, stubUnusable } from './errors';
import { STUB_PROFILES, type StubName, type StubProfile } from './stub-profiles';

/** The program that the boot ROM loads and that writes the flash chip. Graft ships none: see the README. */
export interface Stub {
  readonly bytes: Uint8Array;
  /** Where it comes from, for messages. */
  readonly source: string;
  readonly profile: StubProfile;
}

export interface StubWish {
  /** A program as it is loaded, or the `kflash.py` that holds one. Absent: that of an installed kflash. */
  readonly path?: string;
  /** What it is like; absent: known by its digest or size, else like most. */
  readonly profile?: StubName;
  /** What it must be, in hexadecimal. */
  readonly sha256?: string;
  /** Interpreters that may have kflash installed, in the order in which they are asked. */
  readonly pythons?: readonly string[];
}

/** SHA-256 of the stub of kflash 1.1.6: the one whose protocol was measured. */
const KNOWN = '757776d0055048262ef92bd04a9f8cbad13647ec4f5c1f59494489a88d571129';
/** The published ones have these sizes. */
const PROFILE_OF_BYTES: ReadonlyMap<number, StubName> = new Map([
  [29_824, 'sipeed-1.0'],
  [66_304, 'kendryte-0.9'],
]);
const MOST_BYTES = 512 * 1024;
const ASK_MS = 10_000;
/** Tells where the module lies without running it. */
const LOCATE = 'import importlib.util as u; s = u.find_spec("kflash"); print(s.origin if s else "")';

/** @throws GraftError E427 where there is none, E428 where what is there cannot be used */
export async function findStub({ pythons = ['python3', 'python'], ...wish }: StubWish): Promise<Stub> {
  const path = wish.path ?? (await locateKflash(pythons));
  const bytes = await programIn(path);
  const digest = sha256(bytes);
  if (wish.sha256 !== undefined && digest !== wish.sha256.toLowerCase()) {
    throw stubUnusable(path, `its SHA-256 is ${digest}, not ${wish.sha256}`);
  }
  // A program that nobody named and nobody measured.
  const isStranger = wish.path === undefined && wish.profile === undefined && wish.sha256 === undefined;
  if (isStranger && digest !== KNOWN) {
    throw stubUnusable(path, `its program is another one than that of kflash 1.1.6 (SHA-256 ${digest})`);
  }
  return { bytes, source: path, profile: STUB_PROFILES[wish.profile ?? profileOf(bytes, digest)] };
}

const profileOf = (bytes: Uint8Array, digest: string): StubName =>
  digest === KNOWN ? 'kflash-1.1' : (PROFILE_OF_BYTES.get(bytes.length) ?? 'sipeed-1.0');

const run = promisify(execFile);

async function locateKflash(pythons: readonly string[]): Promise<string> {
  for (const python of pythons) {
    const path = await run(python, ['-c', LOCATE], { timeout: ASK_MS }).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    );
    if (path !== '') return path;
  }
  throw noStub(pythons);
}

/** A stub as it is loaded, or the one in the text of a `kflash.py`. */
async function programIn(path: string): Promise<Uint8Array> {
  const bytes = await readAll(path);
  if (path.endsWith('.py')) {
    const program = extractStub(Buffer.from(bytes).toString('latin1'));
    if (program !== null) return program;
    throw stubUnusable(path, 'no program is found in it (a hexadecimal text named ISP_PROG)');
  }
  if (bytes.length === 0 || bytes.length > MOST_BYTES) throw stubUnusable(path, `it has ${bytes.length} bytes`);
  return bytes;
}

/** The program in the text of kflash: zlib, in hexadecimal, in quotes. None of that text is run. Null where none is. */
export function extractStub(text: string): Uint8Array | null {
  const [, digits = ''] = /\bISP_PROG\s*=\s*b?['"]([0-9a-fA-F]+)['"]/.exec(text) ?? [];
  try {
    return digits === ''
      ? null
      : new Uint8Array(inflateSync(Buffer.from(digits, 'hex'), { maxOutputLength: MOST_BYTES }));
  } catch {
    return null;
  }
}

async function readAll(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw stubUnusable(path, reasonOf(error));
  });
}

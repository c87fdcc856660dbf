import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateSync } from 'node:zlib';
import { reasonOf, sha256 } from '@graft/foundation';
import { noStub, stubUnusable } from './errors';

/** The program that the boot ROM loads and that writes the flash chip. Graft ships none: see the README. */
export interface Stub {
  readonly bytes: Uint8Array;
  /** Where it comes from, for messages. */
  readonly source: string;
  /** It is the one whose protocol was measured. */
  readonly isKnown: boolean;
}

export interface StubWish {
  /** A program as it is loaded, or the `kflash.py` that holds one. Absent: that of an installed kflash. */
  readonly path?: string;
  /** Interpreters that may have kflash installed, in the order in which they are asked. */
  readonly pythons?: readonly string[];
}

/** SHA-256 of the stub of kflash 1.1.6: the one whose protocol was measured. */
const KNOWN = '757776d0055048262ef92bd04a9f8cbad13647ec4f5c1f59494489a88d571129';
const MOST_BYTES = 512 * 1024;
const ASK_MS = 10_000;
/** Tells where the module lies without running it. */
const LOCATE = 'import importlib.util as u; s = u.find_spec("kflash"); print(s.origin if s else "")';

/** @throws GraftError E427 where there is none, E428 where what is there cannot be used */
export async function findStub({ path, pythons = ['python3', 'python'] }: StubWish): Promise<Stub> {
  if (path === undefined) return stubOfModule(await locateKflash(pythons), true);
  if (path.endsWith('.py')) return stubOfModule(path, false);
  const bytes = await readAll(path);
  if (bytes.length === 0 || bytes.length > MOST_BYTES) throw stubUnusable(path, `it has ${bytes.length} bytes`);
  return stubFrom(bytes, path);
}

const stubFrom = (bytes: Uint8Array, source: string): Stub => ({ bytes, source, isKnown: sha256(bytes) === KNOWN });

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

/** @param mustBeKnown refuses a program that nobody named and nobody measured */
async function stubOfModule(path: string, mustBeKnown: boolean): Promise<Stub> {
  const bytes = extractStub(Buffer.from(await readAll(path)).toString('latin1'));
  if (bytes === null) throw stubUnusable(path, 'no program is found in it (a hexadecimal text named ISP_PROG)');
  const digest = sha256(bytes);
  if (mustBeKnown && digest !== KNOWN) {
    throw stubUnusable(path, `its program is another one than that of kflash 1.1.6 (SHA-256 ${digest})`);
  }
  return stubFrom(bytes, path);
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

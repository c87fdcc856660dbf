import { readFile, stat } from 'node:fs/promises';
import { ByteError } from '@graft/foundation';
import { fileMissing, fileNotReadable, inFile, inspectKModel, printFindings, validateKModel } from '@graft/kmodel';
import type { Inspection } from '@graft/kmodel';

/** The flash of every board. What is larger is no kmodel and is not taken into memory. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Beside the first complaint of the reader, which stops there. */
const MOST_COMPLAINTS = 12;

/** @throws GraftError E356, E357; E350 … E354 with all that the validator finds in a file of the right version */
export async function inspectFile(path: string): Promise<Inspection> {
  return checkKModel(await readModelFile(path), path);
}

/** @param name for messages @throws GraftError E350 … E354 */
export function checkKModel(bytes: Uint8Array, name: string): Inspection {
  try {
    return inspectKModel(bytes);
  } catch (error) {
    throw error instanceof ByteError ? inFile(name, error, complaints(bytes, error)) : error;
  }
}

function complaints(bytes: Uint8Array, { code }: ByteError): string[] {
  if (code === 'E351') return [];
  return printFindings(validateKModel(bytes).filter(({ severity }) => severity === 'error')).slice(0, MOST_COMPLAINTS);
}

/** @throws GraftError E356, E357 */
export async function readModelFile(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw fileMissing(path);
    throw error;
  });
  if (found.isDirectory()) throw fileNotReadable(path, 'a folder');
  if (!found.isFile()) throw fileNotReadable(path, 'no regular file');
  if (found.size > MOST_BYTES) {
    throw fileNotReadable(
      path,
      `too large for a kmodel: ${found.size} bytes, where a board has ${MOST_BYTES} of flash`,
    );
  }
  return readFile(path);
}

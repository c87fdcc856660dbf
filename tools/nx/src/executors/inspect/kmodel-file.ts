import { readFile, stat } from 'node:fs/promises';
import { ByteError } from '@graft/foundation';
import { fileMissing, fileNotReadable, inFile, inspectKModel } from '@graft/kmodel';
import type { Inspection } from '@graft/kmodel';

/** The flash of every board. What is larger is no kmodel and is not taken into memory. */
const MOST_BYTES = 16 * 1024 * 1024;

/** @throws GraftError E356, E357; ByteError E350 … E354 that names the file */
export async function inspectFile(path: string): Promise<Inspection> {
  const bytes = await readKModelFile(path);
  try {
    return inspectKModel(bytes);
  } catch (error) {
    throw error instanceof ByteError ? inFile(path, error) : error;
  }
}

async function readKModelFile(path: string): Promise<Uint8Array> {
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

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { types } from 'node:util';
import { GraftError } from '@graft/foundation';
import { sniffArchive } from './archive-file';
import type { ArchiveFormat } from './archive-file';
import type { ArchiveReading } from './archive-reading';
import { readTar } from './read-tar';
import { readZip } from './read-zip';
import { unpacked } from './unpacked';

/** Reads a zip, tar, tar.gz or tar.xz file, told by its bytes and not by its name. */
export async function readArchive(path: string, reading: ArchiveReading): Promise<void> {
  const format = await sniffArchive(path);
  if (format === null) throw reading.problems.damaged('it is neither a zip nor a tar file');
  if (format === 'zip') return readZip(path, (await stat(path)).size, reading);
  await readTarFile(path, format, reading);
}

async function readTarFile(
  path: string,
  format: Exclude<ArchiveFormat, 'zip'>,
  reading: ArchiveReading,
): Promise<void> {
  let packed = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path)) {
      packed += chunk.length;
      yield chunk;
    }
  }
  try {
    await readTar(unpacked(counted(), format === 'tar' ? 'none' : format), () => packed, reading);
  } catch (error) {
    if (error instanceof GraftError || !isAboutContent(error)) throw error;
    throw reading.problems.damaged(error.message, error);
  }
}

/** Errors of a decompressor; those of the disk and an abort go on as they are. */
function isAboutContent(error: unknown): error is Error {
  return types.isNativeError(error) && !('syscall' in error) && error.name !== 'AbortError';
}

import type { PictureRecord } from '@graft/dataset';
import { sha256 } from '@graft/foundation';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './cached-files';
import { fileChanged, fileMissing } from './errors';

/** The bytes of a fetched picture, `<sha256>.<format>` in `directory`. @throws GraftError E251 (missing), E252 (changed) */
export async function readFetched(record: PictureRecord, directory: string): Promise<Uint8Array> {
  const name = `${record.sha256}.${record.format}`;
  const bytes = await readFile(join(directory, name)).catch((error: unknown) => {
    throw isMissing(error) ? fileMissing(record.path, name, error) : error;
  });
  if (sha256(bytes) !== record.sha256) throw fileChanged(record.path, name);
  return bytes;
}

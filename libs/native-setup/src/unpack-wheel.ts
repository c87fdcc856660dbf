import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fromBufferPromise, type Entry } from 'yauzl';
import { wheelUnusable } from './errors';

export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

/** Headers that the addon's sources include, and what those include. */
const HEADERS = [
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/ctstring',
  'tensorflow/include/tsl/platform/ctstring',
  'tensorflow/include/xla/tsl/c/',
] as const;

const LICENCES = /^tensorflow\/THIRD_PARTY_NOTICES\.txt$|^[^/]+\.dist-info\/(?:licenses\/)?LICENSE$/;

/** More than the two libraries need, and less than would fill a disk. */
const MAX_BYTES = 4 * 1024 ** 3;

/** Unpacks libraries and licences into `folder`, and the C headers into `headers`. Runs nothing. @throws GraftError E683 */
export async function unpackWheel(
  wheel: Uint8Array,
  { folder, headers, signal }: { readonly folder: string; readonly headers: string; readonly signal: AbortSignal },
): Promise<void> {
  const zip = await fromBufferPromise(Buffer.from(wheel.buffer, wheel.byteOffset, wheel.byteLength)).catch((error) => {
    throw wheelUnusable('it is no zip archive', error);
  });
  const missing = new Set<string>(LIBRARIES);
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const target = targetOf(entry.fileName, folder, headers);
    if (target === null) continue;
    total += entry.uncompressedSize;
    if (total > MAX_BYTES) throw wheelUnusable(`it unpacks to more than ${MAX_BYTES} bytes`);
    await unpackEntry(entry, target, zip, signal);
    missing.delete(basename(target));
  }
  if (missing.size > 0) throw wheelUnusable(`it does not hold ${[...missing].join(' and ')}`);
}

type Zip = Awaited<ReturnType<typeof fromBufferPromise>>;

async function unpackEntry(entry: Entry, target: string, zip: Zip, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const stream = await zip.openReadStreamPromise(entry).catch((error) => {
    throw wheelUnusable(`${entry.fileName} is damaged`, error);
  });
  await pipeline(stream, createWriteStream(target, { flags: 'wx' }), { signal });
}

/** Null for what is not wanted. yauzl itself refuses names that lead out of the folder. */
function targetOf(name: string, folder: string, headers: string): string | null {
  const library = LIBRARIES.find((one) => name === `tensorflow/${one}`);
  if (library !== undefined) return join(folder, library);
  if (LICENCES.test(name)) return join(folder, basename(name));
  if (!name.endsWith('.h') || !HEADERS.some((prefix) => name.startsWith(prefix))) return null;
  return join(headers, name.slice('tensorflow/include/'.length));
}

import type { Readable } from 'node:stream';
import { types } from 'node:util';
import { crc32 } from 'node:zlib';
import { GraftError } from '@graft/foundation';
import { getFileNameLowLevel, openPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { EntryGate } from './archive-reading';
import type { ArchiveEntry, ArchiveReading } from './archive-reading';

/**
 * Reads a zip file by its central directory and hands out the wanted files, each whole; files that nobody wants are not
 * unpacked. What ends the reading of a tar archive ends it here, too, and so do encrypted files and wrong checksums.
 */
export async function readZip(path: string, packedBytes: number, reading: ArchiveReading): Promise<void> {
  const zip = await openZip(path, reading);
  try {
    const gate = new EntryGate(reading);
    let unpacked = 0;
    for await (const entry of zip.eachEntry()) {
      const wanted = gate.admit(await describe(entry, zip, reading));
      if (wanted === null) continue;
      unpacked += entry.uncompressedSize;
      gate.weigh(unpacked, packedBytes);
      await reading.onFile(wanted, await contentOf(entry, zip, reading));
      reading.onProgress(unpacked);
    }
  } catch (error) {
    throw error instanceof GraftError || isLocal(error) ? error : reading.problems.damaged(messageOf(error), error);
  } finally {
    zip.close();
  }
}

async function openZip(path: string, { problems, limits }: ArchiveReading): Promise<ZipFile> {
  // Names are decoded and judged here, so that a refused one is told like that of any other archive.
  const options = { lazyEntries: true, decodeStrings: false, autoClose: false, validateEntrySizes: true };
  const zip = await openPromise(path, options).catch((error: unknown) => {
    throw problems.damaged(messageOf(error), error);
  });
  if (zip.entryCount <= limits.maxEntries) return zip;
  zip.close();
  throw problems.tooLarge(`it announces ${zip.entryCount} entries, more than ${limits.maxEntries}`);
}

/** File types in the upper half of the external attributes, as in `st_mode`. */
const MODE = { mask: 0xf000, link: 0xa000, regular: 0x8000, directory: 0x4000 };

/** Longer is no path. */
const MAX_TARGET_BYTES = 4096;

async function describe(entry: Entry, zip: ZipFile, reading: ArchiveReading): Promise<ArchiveEntry> {
  const { generalPurposeBitFlag, fileNameRaw, extraFields, uncompressedSize: size } = entry;
  const path = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
  const mode = (entry.externalFileAttributes >>> 16) & MODE.mask;
  if (entry.isEncrypted()) throw reading.problems.refused(`${JSON.stringify(path)} is encrypted`);
  if (mode === MODE.link) {
    const target = size > MAX_TARGET_BYTES ? null : Buffer.from(await contentOf(entry, zip, reading)).toString();
    return { path, type: 'symbolic link', typeName: 'SymbolicLink', target, size };
  }
  if (path.endsWith('/') || mode === MODE.directory) {
    return { path, type: 'directory', typeName: 'Directory', target: null, size };
  }
  const isFile = mode === MODE.regular || mode === 0;
  return { path, type: isFile ? 'file' : 'other', typeName: isFile ? 'File' : 'device or pipe', target: null, size };
}

async function contentOf(entry: Entry, zip: ZipFile, { problems }: ArchiveReading): Promise<Uint8Array> {
  const name = JSON.stringify(entry.fileNameRaw.toString());
  const bytes = await collected(entry, zip).catch((error: unknown) => {
    throw isLocal(error) ? error : problems.damaged(`${name}: ${messageOf(error)}`, error);
  });
  if (crc32(bytes) !== entry.crc32) throw problems.damaged(`${name} does not fit its checksum`);
  return bytes;
}

async function collected(entry: Entry, zip: ZipFile): Promise<Buffer> {
  const stream: Readable = await zip.openReadStreamPromise(entry);
  const chunks: Uint8Array[] = [];
  // Ends in an error as soon as more bytes come than the directory announced.
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** An error of the disk, not of what is on it. */
function isLocal(error: unknown): boolean {
  return types.isNativeError(error) && 'syscall' in error;
}

function messageOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}

import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { reasonOf } from '@graft/foundation';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { badPackage } from '../errors';
import { FLASH_LIST, parseFlashList } from './flash-list';
import type { FileToPack } from './write-kfpkg';

/** No entry can be larger than the flash chip. */
const ENTRY_BYTES = 16 * 1024 * 1024;
const ENTRIES = 64;

export interface KfpkgContent {
  readonly files: readonly FileToPack[];
  /** Of the archive; empty where it has none. Ours is the provenance of the model. */
  readonly comment: string;
}

/**
 * Reads a package and checks what the tools in use are particular about.
 * @param name for messages
 * @throws GraftError E416 with every complaint
 */
export async function readKfpkg(bytes: Uint8Array, name: string): Promise<KfpkgContent> {
  const { entries, comment } = await readEntries(bytes).catch((error: unknown) => {
    throw badPackage(name, [reasonOf(error)]);
  });
  const list = entries.get(FLASH_LIST);
  if (list === undefined) throw badPackage(name, [`${FLASH_LIST} is missing at its root`]);
  const { files, complaints } = parseFlashList(Buffer.from(list).toString('utf8'));
  const listed = new Set([FLASH_LIST, ...files.map((file) => file.name)]);
  const found = [
    ...complaints,
    ...[...entries.keys()].filter((entry) => !listed.has(entry)).map((entry) => `${entry} is in it, but not listed`),
    ...files.filter((file) => !entries.has(file.name)).map((file) => `${file.name} is listed, but not in it`),
  ];
  if (found.length > 0) throw badPackage(name, found);
  return { files: files.map((file) => ({ ...file, bytes: entries.get(file.name) ?? new Uint8Array(0) })), comment };
}

/** A package that was made for a model. @throws GraftError E416, also where no kmodel is in it */
export async function modelsInPackage(bytes: Uint8Array, name: string): Promise<KfpkgContent> {
  const { files, comment } = await readKfpkg(bytes, name);
  const models = files.filter((file) => file.name.endsWith('.kmodel'));
  if (models.length === 0) throw badPackage(name, ['no kmodel is in it']);
  return { files: models, comment };
}

interface Archive {
  readonly entries: ReadonlyMap<string, Uint8Array>;
  readonly comment: string;
}

async function readEntries(bytes: Uint8Array): Promise<Archive> {
  const zip = await fromBufferPromise(Buffer.from(bytes));
  if (zip.entryCount > ENTRIES) throw new Error(`it has ${zip.entryCount} entries; ${ENTRIES} are the most`);
  const entries = new Map<string, Uint8Array>();
  for await (const entry of zip.eachEntry()) {
    if (entries.has(entry.fileName)) throw new Error(`${entry.fileName} is in it twice`);
    entries.set(entry.fileName, await readEntry(zip, entry));
  }
  return { entries, comment: zip.comment };
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const { fileName, uncompressedSize } = entry;
  if (uncompressedSize > ENTRY_BYTES)
    throw new Error(`${fileName} has ${uncompressedSize} bytes: more than a flash chip`);
  const bytes = await buffer(await zip.openReadStreamPromise(entry));
  if (crc32(bytes) !== entry.crc32) throw new Error(`${fileName} is damaged: its checksum is another one`);
  return new Uint8Array(bytes);
}

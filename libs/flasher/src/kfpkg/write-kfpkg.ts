import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { FLASH_LIST, renderFlashList, type PackedFile } from './flash-list';

export interface FileToPack extends PackedFile {
  readonly bytes: Uint8Array;
}

/** The first moment that an entry's date can express, whatever the time zone. */
const MOMENT = new Date(1980, 0, 1);

/**
 * A package for the flashing tools of these boards: a ZIP of the files and a list of their addresses. Equal files give
 * equal bytes: fixed order and date, and nothing is compressed, since compressors differ.
 * @param files flat names, addresses apart from each other
 * @param comment of the archive, printable ASCII below 64 KiB: tools that read packages fail on a file that is not listed, but
 * none looks at a comment
 */
export async function writeKfpkg(files: readonly FileToPack[], comment = ''): Promise<Uint8Array> {
  const sorted = [...files].sort((a, b) => a.address - b.address);
  const zip = new ZipFile();
  const add = (name: string, bytes: Uint8Array): void =>
    zip.addBuffer(Buffer.from(bytes), name, {
      mtime: MOMENT,
      mode: 0o100644,
      compress: false,
      forceDosTimestamp: true,
    });
  add(FLASH_LIST, Buffer.from(renderFlashList(sorted)));
  for (const { name, bytes } of sorted) add(name, bytes);
  zip.end({ forceZip64Format: false, comment });
  return new Uint8Array(await buffer(zip.outputStream));
}

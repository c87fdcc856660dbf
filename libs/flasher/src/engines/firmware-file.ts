import { readFile } from 'node:fs/promises';
import { reasonOf } from '@graft/foundation';
import { parseBootImage, BOOT_IMAGE_OVERHEAD } from '../isp/boot-image';
import type { FileToPack } from '../kfpkg/write-kfpkg';
import type { FlashRegion } from '../flash-plan';
import { firmwareUnusable } from './errors';

/** Programs below this size are none: a loader alone is larger. */
const LEAST_BYTES = 1024;

/** What other files that go by the name of a firmware begin with. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['PK\x03\x04', 'it is an archive: unpack it, and name the .bin in it'],
  ['\x7fELF', 'it is an ELF file: name the .bin that was made of it'],
  ['\x03\x00\x00\x00', 'it is a kmodel'],
  ['LDMK', 'it is a kmodel'],
];

/**
 * The program that the chip starts with, for address 0. One that is wrapped for the boot ROM already is unwrapped, since
 * engines and tools wrap it themselves.
 * @throws GraftError E436
 */
export async function readFirmware(path: string): Promise<FileToPack> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw firmwareUnusable(path, reasonOf(error));
  });
  const head = bytes.subarray(0, 4).toString('latin1');
  const other = OTHERS.find(([begin]) => head === begin);
  if (other !== undefined) throw firmwareUnusable(path, other[1]);
  if (bytes.length < LEAST_BYTES) throw firmwareUnusable(path, `it has ${bytes.length} bytes`);
  return { name: 'firmware.bin', address: 0, isBootImage: true, bytes: parseBootImage(bytes)?.payload ?? bytes };
}

/** What a file of a package takes of the flash chip. */
export function regionOf({ name, address, isBootImage, bytes }: FileToPack): FlashRegion {
  return isBootImage
    ? { name, address, kind: 'boot-image', bytes: bytes.length + BOOT_IMAGE_OVERHEAD }
    : { name, address, kind: 'model', bytes: bytes.length };
}

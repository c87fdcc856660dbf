import { FLASH } from '@graft/k210';

/** The most that a write command holds. */
export const LARGE_BLOCK = 64 * 1024;

/** One write command. Address and length in bytes; both are multiples of a sector. */
export interface FlashBlock {
  readonly address: number;
  /** 65536 at multiples of 65536, else 4096: the lengths that every stub but the oldest one takes. */
  readonly bytes: number;
  /** Where its data begins in the file. */
  readonly offset: number;
}

/**
 * Cuts a file into write commands, each unit exactly once.
 * @param address multiple of a unit
 * @param size bytes of the file; the rest of its last unit is filled with 0xFF (see `blockData`)
 * @param unitBytes the smallest write: a sector, or 64 KiB for the oldest stub
 */
export function planBlocks(address: number, size: number, unitBytes: number = FLASH.sectorBytes): FlashBlock[] {
  const blocks: FlashBlock[] = [];
  for (let offset = 0; offset < size;) {
    const at = address + offset;
    const bytes = at % LARGE_BLOCK === 0 && size - offset >= LARGE_BLOCK ? LARGE_BLOCK : unitBytes;
    blocks.push({ address: at, bytes, offset });
    offset += bytes;
  }
  return blocks;
}

/** The bytes of a block: those of the file, then 0xFF, which is what an erased chip holds. */
export function blockData(file: Uint8Array, { offset, bytes }: FlashBlock): Uint8Array {
  if (offset + bytes <= file.length) return file.subarray(offset, offset + bytes);
  const data = new Uint8Array(bytes).fill(0xff);
  data.set(file.subarray(offset));
  return data;
}

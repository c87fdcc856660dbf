import { createHash } from 'node:crypto';

/** How the chip reads its flash at start: two data lines, or four. */
export type IoMode = 'dio' | 'qio';

const PREFIX_BYTES = 5;
const DIGEST_BYTES = 32;
const DUAL = 2;
/** What is around the payload. */
export const BOOT_IMAGE_OVERHEAD = PREFIX_BYTES + DIGEST_BYTES;

/**
 * What the boot ROM starts at address 0: flags u8, length u32, payload, SHA-256 over all of it. Little-endian.
 * A kmodel or other data is written without any of this.
 */
export function buildBootImage(payload: Uint8Array, ioMode: IoMode): Uint8Array {
  const image = new Uint8Array(PREFIX_BYTES + payload.length + DIGEST_BYTES);
  const view = new DataView(image.buffer);
  view.setUint8(0, ioMode === 'dio' ? DUAL : 0);
  view.setUint32(1, payload.length, true);
  image.set(payload, PREFIX_BYTES);
  image.set(digestOf(image.subarray(0, -DIGEST_BYTES)), PREFIX_BYTES + payload.length);
  return image;
}

/** Null where the bytes are no boot image that is whole, or an encrypted one. */
export function parseBootImage(image: Uint8Array): { readonly payload: Uint8Array; readonly ioMode: IoMode } | null {
  if (image.length < PREFIX_BYTES + DIGEST_BYTES) return null;
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const flags = view.getUint8(0);
  const length = view.getUint32(1, true);
  if ((flags & ~DUAL) !== 0 || image.length !== PREFIX_BYTES + length + DIGEST_BYTES) return null;
  const end = PREFIX_BYTES + length;
  if (digestOf(image.subarray(0, end)).compare(image.subarray(end)) !== 0) return null;
  return { payload: image.subarray(PREFIX_BYTES, end), ioMode: flags === DUAL ? 'dio' : 'qio' };
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

import { canonicalJson, sha256 } from '@graft/foundation';
import type { PixelSection } from './preprocessed';
import sharp from 'sharp';
import type { PreparedExample, PreparedPicture } from './prepare';

/** To be raised whenever the same picture and section give other bytes than before. */
const CODE_VERSION = 2;

const DIGEST_BYTES = 32;

interface Header {
  readonly pages: number;
  readonly blankFrames: readonly number[];
  readonly examples: readonly {
    readonly frame: number | null;
    readonly pixelBytes: number;
    readonly cutout: { readonly height: number; readonly width: number } | null;
  }[];
}

/** Names everything that the prepared pixels follow from, and nothing else: not the label, not the path, not the split. */
export function entryKey(pictureSha256: string, section: PixelSection): string {
  const { imageSize, resize, interpolation, background, maxFrames } = section;
  const decoder = [sharp.versions.sharp, sharp.versions.vips];
  return sha256(
    canonicalJson({
      pictureSha256,
      imageSize,
      resize,
      interpolation,
      background,
      maxFrames,
      decoder,
      code: CODE_VERSION,
    }),
  );
}

/** Bytes: SHA-256 of all that follows; length of the header (u32, little-endian); header (JSON); pixels and cut-outs in turn. */
export function encodeEntry(picture: PreparedPicture): Uint8Array {
  const { pages, blankFrames, examples } = picture;
  const header: Header = {
    pages,
    blankFrames,
    examples: examples.map(({ frame, pixels, cutout }) => ({
      frame,
      pixelBytes: pixels.length,
      cutout: cutout === null ? null : { height: cutout.height, width: cutout.width },
    })),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const blocks = examples.flatMap(({ pixels, cutout }) => (cutout === null ? [pixels] : [pixels, cutout.rgba]));
  const body = Buffer.concat([length, text, ...blocks]);
  return Buffer.concat([Buffer.from(sha256(body), 'hex'), body]);
}

/** Null where the bytes are not what was written: cut, changed or empty. The pixels are views of `bytes`. */
export function decodeEntry(bytes: Uint8Array): PreparedPicture | null {
  const body = bytes.subarray(DIGEST_BYTES);
  if (body.length < 4) return null;
  if (Buffer.from(bytes.subarray(0, DIGEST_BYTES)).toString('hex') !== sha256(body)) return null;
  const textLength = new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  // The digest vouches for the rest: it is what encodeEntry wrote.
  const header = JSON.parse(Buffer.from(body.subarray(4, 4 + textLength)).toString()) as Header;
  let offset = 4 + textLength;
  const take = (length: number) => body.subarray(offset, (offset += length));
  const examples: PreparedExample[] = header.examples.map(({ frame, pixelBytes, cutout }) => ({
    frame,
    pixels: take(pixelBytes),
    cutout: cutout === null ? null : { ...cutout, rgba: take(cutout.height * cutout.width * 4) },
  }));
  return { pages: header.pages, blankFrames: header.blankFrames, examples };
}

import sharp from 'sharp';
import type { Size } from './resize';

/** PNG bytes of height · width · 3 bytes (row, column, RGB), without loss. */
export function encodePng(pixels: Uint8Array, { height, width }: Size): Promise<Uint8Array> {
  return sharp(pixels, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
}

import type { PictureFormat } from '@graft/dataset';
import sharp from 'sharp';
import { decodeReduced } from './decode';

/** A small WebP for people to look at: upright, its longer side at most `longerSide`. @throws UnreadableError */
export async function thumbnail(bytes: Uint8Array, format: PictureFormat, longerSide: number): Promise<Uint8Array> {
  const { height, width, channels, data } = (await decodeReduced(bytes, format, longerSide)).raster;
  return sharp(data, { raw: { height, width, channels } }).webp({ quality: 70 }).toBuffer();
}

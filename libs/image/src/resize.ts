import type { PreprocessSection } from '@graft/spec';
import sharp, { type KernelEnum } from 'sharp';
import type { Raster } from './raster';

export type Interpolation = PreprocessSection['interpolation'];

/**
 * Our names in the decoder's: when shrinking, `bilinear` is a triangle and `lanczos` a three-lobed sinc, both widened by
 * the factor so that fine detail does not alias; when enlarging they are a bilinear and a bicubic blend of neighbours.
 * `nearest` picks one pixel and never mixes.
 */
export const KERNEL: Readonly<Record<Interpolation, keyof KernelEnum>> = {
  nearest: 'nearest',
  bilinear: 'linear',
  lanczos: 'lanczos3',
};

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Stretches to exactly `size`. Colours behind transparent pixels do not bleed (premultiplied while mixing). */
export async function stretch(raster: Raster, size: Size, interpolation: Interpolation): Promise<Raster> {
  const { height, width, channels, data } = raster;
  if (height === size.height && width === size.width) return raster;
  const resized = await sharp(data, { raw: { height, width, channels } })
    .resize(size.width, size.height, { fit: 'fill', kernel: KERNEL[interpolation] })
    .raw()
    .toBuffer();
  return { ...size, channels, data: resized };
}

/** The largest size of the same shape that lies within `frame`; each side at least 1. */
export function sizeWithin(picture: Size, frame: Size): Size {
  const scale = Math.min(frame.height / picture.height, frame.width / picture.width);
  return {
    height: Math.min(frame.height, Math.max(1, Math.round(picture.height * scale))),
    width: Math.min(frame.width, Math.max(1, Math.round(picture.width * scale))),
  };
}

/** A part of a picture, in its pixels. */
export interface Box extends Size {
  readonly top: number;
  readonly left: number;
}

/** The middle part in the shape of `frame`, at the picture's own resolution: what a camera's window shows. */
export function centreBox(picture: Size, frame: Size): Box {
  const height = Math.max(1, Math.min(picture.height, Math.round((picture.width * frame.height) / frame.width)));
  const width = Math.max(1, Math.min(picture.width, Math.round((picture.height * frame.width) / frame.height)));
  const top = Math.floor((picture.height - height) / 2);
  const left = Math.floor((picture.width - width) / 2);
  return { top, left, height, width };
}

/** Cuts {@link centreBox} out; where it is as wide as the picture, as a view of the same bytes. */
export function centreCrop(raster: Raster, frame: Size): Raster {
  const { width, channels, data } = raster;
  const { top, left, height: cropHeight, width: cropWidth } = centreBox(raster, frame);
  if (cropHeight === raster.height && cropWidth === width) return raster;
  if (cropWidth === width) {
    const rows = data.subarray(top * width * channels, (top + cropHeight) * width * channels);
    return { height: cropHeight, width, channels, data: rows };
  }
  const cropped = new Uint8Array(cropHeight * cropWidth * channels);
  for (let row = 0; row < cropHeight; row++) {
    const from = ((top + row) * width + left) * channels;
    cropped.set(data.subarray(from, from + cropWidth * channels), row * cropWidth * channels);
  }
  return { height: cropHeight, width: cropWidth, channels, data: cropped };
}

/** Lays `raster` (RGB) in the middle of `canvas` (RGB, `frame` large), which is changed. */
export function pasteCentred(canvas: Uint8Array, frame: Size, raster: Raster): void {
  const top = Math.floor((frame.height - raster.height) / 2);
  const left = Math.floor((frame.width - raster.width) / 2);
  for (let row = 0; row < raster.height; row++) {
    const line = raster.data.subarray(row * raster.width * 3, (row + 1) * raster.width * 3);
    canvas.set(line, ((top + row) * frame.width + left) * 3);
  }
}

import type { PictureFormat } from '@graft/dataset';
import { decodeReduced } from './decode';
import { isOpaque, type Raster } from './raster';
import { stretch } from './resize';

/** Side of {@link PictureTraits.miniature}. */
export const MINIATURE_SIDE = 32;

/** Pictures are measured at this length of their longer side, about what a network sees. */
const MEASURED_SIDE = 256;

/** What can be said of a picture without knowing what it shows. Of an animation, of its first frame. */
export interface PictureTraits {
  /** In pixels, upright. */
  readonly height: number;
  readonly width: number;
  /** A drawing that is rendered at any size. */
  readonly scalable: boolean;
  /** Exif orientation as stored, 1 … 8; 1: upright. Everything else here is upright. */
  readonly orientation: number;
  /** Stored in the four colours of printing. */
  readonly fourComponents: boolean;
  /** Something shines through. Such pixels are measured as middle grey. */
  readonly transparent: boolean;
  /** Standard deviation of the brightness, in levels of 0 … 255. */
  readonly contrast: number;
  /**
   * Variance of the Laplacian over the mean square of the gradient: the mean square frequency, whatever the contrast. Above
   * 1.3 for pictures in focus, below for such as were blurred. 0 where nothing changes.
   */
  readonly sharpness: number;
  /** 32 × 32 × 3 bytes: row, column, RGB; the picture stretched to a square. */
  readonly miniature: Uint8Array;
}

/** @throws UnreadableError */
export async function measurePicture(bytes: Uint8Array, format: PictureFormat): Promise<PictureTraits> {
  const { header, raster } = await decodeReduced(bytes, format, MEASURED_SIDE);
  const turned = header.orientation >= 5;
  const flat = overGrey(raster);
  const grey = brightness(flat);
  const small = await stretch(flat, { height: MINIATURE_SIDE, width: MINIATURE_SIDE }, 'bilinear');
  return {
    height: turned ? header.width : header.height,
    width: turned ? header.height : header.width,
    scalable: format === 'svg',
    orientation: header.orientation,
    fourComponents: header.space === 'cmyk',
    transparent: !isOpaque(raster),
    contrast: Math.sqrt(varianceOf(grey)),
    sharpness: sharpnessOf(grey, raster.height, raster.width),
    miniature: small.data,
  };
}

function overGrey(raster: Raster): Raster {
  if (raster.channels === 3) return raster;
  const { height, width, data } = raster;
  const rgb = new Uint8Array(height * width * 3);
  for (let at = 0; at < rgb.length; at++) {
    const pixel = Math.floor(at / 3) * 4;
    const alpha = data[pixel + 3] / 255;
    rgb[at] = Math.round(data[pixel + (at % 3)] * alpha + 128 * (1 - alpha));
  }
  return { height, width, channels: 3, data: rgb };
}

/** Luma of ITU-R BT.601, 0 … 255. */
function brightness({ data }: Raster): Float64Array {
  const grey = new Float64Array(data.length / 3);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    grey[pixel] = 0.299 * data[pixel * 3] + 0.587 * data[pixel * 3 + 1] + 0.114 * data[pixel * 3 + 2];
  }
  return grey;
}

function varianceOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at];
  const mean = sum / values.length;
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += (values[at] - mean) ** 2;
  return squares / values.length;
}

function sharpnessOf(grey: Float64Array, height: number, width: number): number {
  const inner = Math.max(0, (height - 2) * (width - 2));
  const laplacian = new Float64Array(inner);
  let gradient = 0;
  for (let row = 1, to = 0; row < height - 1; row++) {
    for (let column = 1; column < width - 1; column++, to++) {
      const at = row * width + column;
      laplacian[to] = grey[at - 1] + grey[at + 1] + grey[at - width] + grey[at + width] - 4 * grey[at];
      gradient += ((grey[at + 1] - grey[at - 1]) ** 2 + (grey[at + width] - grey[at - width]) ** 2) / 4;
    }
  }
  return gradient === 0 ? 0 : varianceOf(laplacian) / (gradient / inner);
}

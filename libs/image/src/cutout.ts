import type { Cutout, Raster } from './raster';
import { type Interpolation, type Size, sizeWithin, stretch } from './resize';

/** Fainter pixels do not count as part of the figure: glows and compression dust would widen its box. */
const FAINT = 8;

/** The figure of a transparent picture: trimmed to its visible part, scaled down where larger than `limit`; null: none. */
export async function cutOut(raster: Raster, limit: Size, interpolation: Interpolation): Promise<Cutout | null> {
  const trimmed = trim(raster);
  if (trimmed === null) return null;
  const fits = trimmed.height <= limit.height && trimmed.width <= limit.width;
  const { height, width, data } = fits ? trimmed : await stretch(trimmed, sizeWithin(trimmed, limit), interpolation);
  return { height, width, rgba: data };
}

function trim(raster: Raster): Raster | null {
  const { height, width, data } = raster;
  let top = height;
  let bottom = -1;
  let left = width;
  let right = -1;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (data[(row * width + column) * 4 + 3] <= FAINT) continue;
      if (row < top) top = row;
      bottom = row;
      if (column < left) left = column;
      if (column > right) right = column;
    }
  }
  return bottom < 0 ? null : part(raster, top, left, bottom - top + 1, right - left + 1);
}

function part(raster: Raster, top: number, left: number, height: number, width: number): Raster {
  const data = new Uint8Array(height * width * 4);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * raster.width + left) * 4;
    data.set(raster.data.subarray(from, from + width * 4), row * width * 4);
  }
  return { height, width, channels: 4, data };
}

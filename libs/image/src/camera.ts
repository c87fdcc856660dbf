import type { Random } from '@graft/foundation';
import { blurPixels } from './blur';
import { changeColours } from './colour';

/**
 * How much a camera departs from a good picture. Amounts are drawn for each picture, evenly between none and these; they are
 * estimates for the two-megapixel sensor with a fixed lens that comes with the board, not measured on one.
 */
export const MAIX_BIT = {
  /** Standard deviation of the lens blur, in pixels of a picture of 224 rows. */
  lensSigma: 1.2,
  /** The automatic exposure misses by so many stops (factors of two of the light), either way. */
  exposureStops: 0.7,
  /** Standard deviation of the sensor noise in levels of 255, each channel by itself. */
  noiseSigma: 6,
} as const;

/** Of the curve from light to bytes: a stop is a factor of 2^(1 / 2.2) in bytes. */
const GAMMA = 2.2;
/** The picture whose pixels `lensSigma` counts. */
const ROWS = 224;

/**
 * Makes RGB bytes look as if the board's camera had taken them, in place and in the order of the light: lens, exposure,
 * sensor noise, RGB565.
 */
export function imitateCamera(pixels: Uint8Array, height: number, width: number, random: Random): void {
  const lensSigma = (random.between(0, MAIX_BIT.lensSigma) * height) / ROWS;
  const stops = random.between(-MAIX_BIT.exposureStops, MAIX_BIT.exposureStops);
  const noiseSigma = random.between(0, MAIX_BIT.noiseSigma);
  blurPixels(pixels, height, width, lensSigma);
  changeColours(pixels, 3, { brightness: 2 ** (stops / GAMMA), contrast: 1, saturation: 1 });
  addNoise(pixels, noiseSigma, random);
  roundToRgb565(pixels);
}

/** Adds Gaussian noise to every byte, in place; `sigma` in levels of 255. Values are cut at 0 and 255. */
export function addNoise(pixels: Uint8Array, sigma: number, random: Random): void {
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = Math.min(255, Math.max(0, pixels[at] + sigma * random.normal() + 0.5));
  }
}

/**
 * What is left of RGB bytes in the 16 bits of a pixel of the camera: 5 bits of red and blue, 6 of green, the rest cut off.
 * On the way back to bytes the firmware repeats the upper bits below, so that black stays 0 and white 255.
 */
export function roundToRgb565(pixels: Uint8Array): void {
  for (let at = 0; at < pixels.length; at += 3) {
    pixels[at] = (pixels[at] & 0xf8) | (pixels[at] >> 5);
    pixels[at + 1] = (pixels[at + 1] & 0xfc) | (pixels[at + 1] >> 6);
    pixels[at + 2] = (pixels[at + 2] & 0xf8) | (pixels[at + 2] >> 5);
  }
}

import { mirrored } from './mirror';

/**
 * Gaussian blur of RGB bytes (row, column, channel) in place; `sigma` in pixels. Beyond the edge lies the picture mirrored
 * (… 1 0 | 0 1 …), so that light is neither lost nor gained and the mean stays, to the rounding.
 */
export function blurPixels(pixels: Uint8Array, height: number, width: number, sigma: number): void {
  if (sigma <= 0) return;
  const kernel = gaussian(sigma);
  const rows = new Float32Array(pixels.length);
  for (let row = 0; row < height; row++) {
    blurLine(pixels, rows, { start: row * width * 3, length: width, step: 3 }, kernel);
  }
  const columns = new Float32Array(pixels.length);
  for (let column = 0; column < width; column++) {
    blurLine(rows, columns, { start: column * 3, length: height, step: width * 3 }, kernel);
  }
  for (let at = 0; at < pixels.length; at++) pixels[at] = columns[at] + 0.5;
}

/** The right half of the bell, its middle first; the whole sums to 1. What lies beyond three sigma is left out. */
function gaussian(sigma: number): Float64Array {
  const half = Float64Array.from({ length: Math.ceil(3 * sigma) + 1 }, (_, at) =>
    Math.exp(-(at * at) / (2 * sigma ** 2)),
  );
  const sum = half.reduce((total, weight) => total + 2 * weight, -half[0]);
  return half.map((weight) => weight / sum);
}

/** Pixels `step` values apart, of which three lie side by side. */
interface Line {
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

function blurLine(
  from: Uint8Array | Float32Array,
  to: Float32Array,
  { start, length, step }: Line,
  kernel: Float64Array,
): void {
  const place = (index: number) => start + mirrored(index, length) * step;
  for (let pixel = 0; pixel < length; pixel++) {
    const at = start + pixel * step;
    let red = kernel[0] * from[at];
    let green = kernel[0] * from[at + 1];
    let blue = kernel[0] * from[at + 2];
    for (let away = 1; away < kernel.length; away++) {
      const weight = kernel[away];
      const before = pixel - away >= 0 ? at - away * step : place(pixel - away);
      const behind = pixel + away < length ? at + away * step : place(pixel + away);
      red += weight * (from[before] + from[behind]);
      green += weight * (from[before + 1] + from[behind + 1]);
      blue += weight * (from[before + 2] + from[behind + 2]);
    }
    to[at] = red;
    to[at + 1] = green;
    to[at + 2] = blue;
  }
}

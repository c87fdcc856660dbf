import type { MapShape } from '@graft/tensor';

/** What a convolution kernel needs to know; sizes in pixels. */
export interface KernelGeometry {
  readonly kind: 'convolution' | 'depthwise';
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly input: MapShape;
  readonly output: MapShape;
}

/** Pixels whose windows are gathered at a time: 64 windows of 9 · 512 doubles still fit the second-level cache. */
const TILE = 64;

/**
 * Sums of products in float64, planar [output][row][column], computed at the kept pixels only. `values` is planar;
 * weights are [output][input][row][column], or [channel][row][column] for depthwise. Taps outside the map read `pad`.
 * With whole or half numbers inside, every sum is exact.
 */
export function convolve(
  geometry: KernelGeometry,
  values: Float32Array,
  weights: Float64Array,
  pad: number,
): Float64Array {
  return geometry.kind === 'depthwise'
    ? depthwise(geometry, values, weights, pad)
    : gathered(geometry, values, weights, pad);
}

function gathered(geometry: KernelGeometry, values: Float32Array, weights: Float64Array, pad: number): Float64Array {
  const { kernel, input, output } = geometry;
  const taps = input.channels * kernel * kernel;
  const area = output.height * output.width;
  const sums = new Float64Array(output.channels * area);
  const windows = new Float64Array(TILE * taps);
  for (let first = 0; first < area; first += TILE) {
    const count = Math.min(TILE, area - first);
    gatherWindows(geometry, values, pad, first, count, windows);
    multiply(windows, count, taps, weights, output.channels, sums, area, first);
  }
  return sums;
}

/** Writes the window of output pixel first + i to windows[i · taps …], in the order of the weights. */
function gatherWindows(
  { kernel, stride, input, output }: KernelGeometry,
  values: Float32Array,
  pad: number,
  first: number,
  count: number,
  windows: Float64Array,
): void {
  const { channels, height, width } = input;
  const area = height * width;
  const reach = (kernel - 1) / 2;
  const taps = channels * kernel * kernel;
  for (let pixel = 0; pixel < count; pixel++) {
    const centreRow = Math.floor((first + pixel) / output.width) * stride;
    const centreColumn = ((first + pixel) % output.width) * stride;
    let tap = 0;
    for (let row = centreRow - reach; row <= centreRow + reach; row++) {
      for (let column = centreColumn - reach; column <= centreColumn + reach; column++) {
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        const from = row * width + column;
        let at = pixel * taps + tap;
        for (let channel = 0; channel < channels; channel++) {
          windows[at] = inside ? values[channel * area + from] : pad;
          at += kernel * kernel;
        }
        tap++;
      }
    }
  }
}

/** sums[o · area + first + p] = window p · weights o. Four outputs and two pixels at a time, so that loads are shared. */
function multiply(
  windows: Float64Array,
  count: number,
  taps: number,
  weights: Float64Array,
  outputs: number,
  sums: Float64Array,
  area: number,
  first: number,
): void {
  const blockedOutputs = outputs - (outputs % 4);
  const blockedPixels = count - (count % 2);
  for (let output = 0; output < blockedOutputs; output += 4) {
    const w0 = output * taps;
    const w1 = w0 + taps;
    const w2 = w1 + taps;
    const w3 = w2 + taps;
    for (let pixel = 0; pixel < blockedPixels; pixel += 2) {
      const left = pixel * taps;
      const right = left + taps;
      let a0 = 0;
      let a1 = 0;
      let a2 = 0;
      let a3 = 0;
      let b0 = 0;
      let b1 = 0;
      let b2 = 0;
      let b3 = 0;
      for (let tap = 0; tap < taps; tap++) {
        const x = windows[left + tap];
        const y = windows[right + tap];
        const t = weights[w0 + tap];
        const u = weights[w1 + tap];
        const v = weights[w2 + tap];
        const w = weights[w3 + tap];
        a0 += t * x;
        a1 += u * x;
        a2 += v * x;
        a3 += w * x;
        b0 += t * y;
        b1 += u * y;
        b2 += v * y;
        b3 += w * y;
      }
      let at = output * area + first + pixel;
      sums[at] = a0;
      sums[at + 1] = b0;
      at += area;
      sums[at] = a1;
      sums[at + 1] = b1;
      at += area;
      sums[at] = a2;
      sums[at + 1] = b2;
      at += area;
      sums[at] = a3;
      sums[at + 1] = b3;
    }
  }
  for (let output = 0; output < outputs; output++) {
    const start = output < blockedOutputs ? blockedPixels : 0;
    for (let pixel = start; pixel < count; pixel++) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += weights[output * taps + tap] * windows[pixel * taps + tap];
      sums[output * area + first + pixel] = sum;
    }
  }
}

function depthwise(geometry: KernelGeometry, values: Float32Array, weights: Float64Array, pad: number): Float64Array {
  const { stride, input, output } = geometry;
  const { channels, height, width } = input;
  const area = height * width;
  const sums = new Float64Array(channels * output.height * output.width);
  // A frame of padding around one plane keeps the inner loop free of conditions.
  const pitch = width + 2;
  const frame = new Float64Array((height + 2) * pitch).fill(pad);
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      const from = channel * area + row * width;
      const to = (row + 1) * pitch + 1;
      for (let column = 0; column < width; column++) frame[to + column] = values[from + column];
    }
    const [a, b, c, d, e, f, g, h, i] = weights.subarray(channel * 9, channel * 9 + 9);
    for (let row = 0; row < output.height; row++) {
      for (let column = 0; column < output.width; column++) {
        const top = row * stride * pitch + column * stride;
        const middle = top + pitch;
        const bottom = middle + pitch;
        sums[at++] =
          a * frame[top] +
          b * frame[top + 1] +
          c * frame[top + 2] +
          d * frame[middle] +
          e * frame[middle + 1] +
          f * frame[middle + 2] +
          g * frame[bottom] +
          h * frame[bottom + 1] +
          i * frame[bottom + 2];
      }
    }
  }
  return sums;
}

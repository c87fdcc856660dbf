import type { MapShape } from '@graft/tensor';

import { OUTPUTS_AT_ONCE, TILE, tileMultiplier } from './multiply-tile';

/** What a convolution kernel needs to know; sizes in pixels. */
export interface KernelGeometry {
  readonly kind: 'convolution' | 'depthwise';
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly input: MapShape;
  readonly output: MapShape;
}

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
  const tile = tileMultiplier(taps, output.channels);
  blockWeights(weights, taps, output.channels, tile.weights);
  for (let first = 0; first < area; first += TILE) {
    const count = Math.min(TILE, area - first);
    gatherWindows(geometry, values, pad, first, count, tile.windows);
    tile.run(count);
    for (let channel = 0; channel < output.channels; channel++)
      sums.set(tile.sums.subarray(channel * TILE, channel * TILE + count), channel * area + first);
  }
  return sums;
}

/** [output][tap] → [block of outputs][tap][output of the block]; outputs that do not exist have weight 0. */
function blockWeights(weights: Float64Array, taps: number, outputs: number, blocked: Float64Array): void {
  blocked.fill(0);
  for (let output = 0; output < outputs; output++) {
    const within = output % OUTPUTS_AT_ONCE;
    let at = (output - within) * taps + within;
    for (let tap = output * taps; tap < (output + 1) * taps; tap++) {
      blocked[at] = weights[tap];
      at += OUTPUTS_AT_ONCE;
    }
  }
}

/** Writes the window of output pixel first + i to windows[tap · TILE + i], taps in the order of the weights. */
export function gatherWindows(
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
  const places = new Int32Array(count);
  for (let tap = 0; tap < kernel * kernel; tap++) {
    const down = Math.floor(tap / kernel) - reach;
    const across = (tap % kernel) - reach;
    for (let pixel = 0; pixel < count; pixel++) {
      const row = Math.floor((first + pixel) / output.width) * stride + down;
      const column = ((first + pixel) % output.width) * stride + across;
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      places[pixel] = inside ? row * width + column : -1;
    }
    for (let channel = 0; channel < channels; channel++) {
      const from = channel * area;
      const to = (channel * kernel * kernel + tap) * TILE;
      for (let pixel = 0; pixel < count; pixel++) {
        const place = places[pixel];
        windows[to + pixel] = place < 0 ? pad : values[from + place];
      }
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

import type { MapShape } from '@graft/tensor';

import type { KernelGeometry } from './kernels';
import { padByte } from './quantized-convolution';
import type { QuantizedConvolution } from './quantized-graph';

/** Numbers that are kept of a layer, about: its outputs and what each of them reads, over the samples of all pictures. */
const KEPT = 2 ** 22;

/** How many pixels of each of so many pictures are looked at: the fewer, the more there is to a pixel. */
export function pixelsPerPicture({ kind, kernel, input, output }: KernelGeometry, pictures: number): number {
  const taps = kernel ** 2 * (kind === 'depthwise' ? 1 : input.channels);
  return Math.ceil(KEPT / (taps + output.channels) / pictures);
}

/** Pixels of a map, spread evenly; all of them, if there are fewer. */
export function evenPixels({ height, width }: MapShape, count: number): number[] {
  const area = height * width;
  const taken = Math.min(area, count);
  return Array.from({ length: taken }, (_, index) => Math.floor(((index + 0.5) * area) / taken));
}

/** A planar map at some of its pixels: [channel][sample]. */
export function sampled(map: Float32Array, channels: number, pixels: readonly number[]): Float32Array {
  const area = map.length / channels;
  const samples = new Float32Array(channels * pixels.length);
  let at = 0;
  for (let channel = 0; channel < channels; channel++)
    for (const pixel of pixels) samples[at++] = map[channel * area + pixel];
  return samples;
}

/** Samples of several pictures, each [channel][sample], in one: [channel][sample of any picture]. */
export function joined(pictures: readonly Float32Array[], channels: number): Float32Array {
  const each = (pictures[0]?.length ?? 0) / channels;
  const all = new Float32Array(channels * each * pictures.length);
  for (let channel = 0, at = 0; channel < channels; channel++)
    for (const samples of pictures) {
      all.set(samples.subarray(channel * each, (channel + 1) * each), at);
      at += each;
    }
  return all;
}

/**
 * What a layer reads at the sampled pixels of each map, in steps from the zero point: [tap][sample]. Only the taps of
 * `channels` input channels from `first` on.
 */
export function sampleWindows(
  { kernel, stride, input, output }: KernelGeometry & Pick<QuantizedConvolution, 'input'>,
  maps: readonly Uint8Array[],
  pixels: readonly number[],
  first = 0,
  channels = input.channels,
): Float32Array {
  const { height, width, zeroPoint } = input;
  const pad = padByte(input) - zeroPoint;
  const reach = (kernel - 1) / 2;
  const windows = new Float32Array(channels * kernel ** 2 * maps.length * pixels.length);
  let at = 0;
  for (let channel = first; channel < first + channels; channel++)
    for (let tap = 0; tap < kernel ** 2; tap++) {
      const down = Math.floor(tap / kernel) - reach;
      const across = (tap % kernel) - reach;
      for (const map of maps)
        for (const pixel of pixels) {
          const row = Math.floor(pixel / output.width) * stride + down;
          const column = (pixel % output.width) * stride + across;
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          windows[at++] = inside ? map[(channel * height + row) * width + column] - zeroPoint : pad;
        }
    }
  return windows;
}

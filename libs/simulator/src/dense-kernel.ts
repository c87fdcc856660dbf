import type { ConvolutionLayer } from '@graft/kmodel';

import type { Grid, Kernel, BorderedPlanes } from './fast-convolution';
import type { Finisher } from './finish';
import type { Scratch } from './scratch';
import { weightAt } from './weights';

// Looking up a global in the innermost loop costs dearly where code runs in a sandbox.
const { floor } = Math;

/**
 * Two sums travel in one double: low + high · 2^26. A product of two bytes is at most 255², so that 1032 of them stay
 * below 2^26 and the pair below 2^53: every step is exact, and one multiplication does the work of two.
 */
const HIGH = 2 ** 26;
const MAX_TAPS = floor((HIGH - 1) / 255 ** 2);

/** Pixels side by side in the innermost loop; with two pairs of sums each, that fills the registers of the machine. */
const PIXELS = 4;
/** Pairs of sums in the innermost loop. */
const PAIRS = 2;
/** The part of the input that is worked on at a time stays in the second-level cache. */
const TILE_BYTES = 128 * 1024;

/**
 * Convolution over all input channels as a product of matrices: weights (outputs × taps) · input (taps × pixels).
 * With 8-bit weights a pair holds two output channels; with 16-bit weights, the low and high bytes of one.
 */
export function createDenseKernel(
  layer: ConvolutionLayer,
  weightBits: 8 | 16,
  grid: Grid,
  finisher: Finisher,
  scratch: Scratch,
): Kernel {
  const { registers } = layer;
  const { inputChannels, outputChannels, kernel, argX, shiftX } = registers;
  const taps = inputChannels * kernel * kernel;
  const pixels = grid.height * grid.width;
  const blocksPerTile = Math.max(1, Math.min(Math.ceil(pixels / PIXELS), floor(TILE_BYTES / (taps * PIXELS * 8))));
  const tilePixels = blocksPerTile * PIXELS;
  const outputsPerBlock = weightBits === 8 ? 2 * PAIRS : PAIRS;
  const weights = pairWeights(layer, weightBits, taps, outputsPerBlock);
  const constants = channelConstants(layer, weightBits, taps);
  const factorX = 2 ** -shiftX;

  return (planes, output) => {
    const tile = scratch.float64('tile', tilePixels * taps);
    const inputTerms = scratch.float64('input terms', tilePixels);
    const sums = scratch.float64('sums', 2 * PAIRS * tilePixels);
    const tapOffsets = offsetsOfTaps(planes, inputChannels, kernel);
    for (let first = 0; first < pixels; first += tilePixels) {
      const count = Math.min(tilePixels, pixels - first);
      fillTile(tile, planes, grid, tapOffsets, first, count);
      const blocks = Math.ceil(count / PIXELS);
      for (let pixel = 0; pixel < blocks * PIXELS; pixel++) {
        inputTerms[pixel] = floor(argX * sumOfTaps(tile, pixel, taps) * factorX);
      }
      for (let channel = 0, at = 0; channel < outputChannels; channel += outputsPerBlock, at += taps * PAIRS) {
        for (let block = 0; block < blocks; block++) {
          multiplyBlock(weights, at, tile, block * taps * PIXELS, taps, sums, block * PIXELS, tilePixels);
        }
        if (weightBits === 16) joinBytes(sums, tilePixels);
        const last = Math.min(outputsPerBlock, outputChannels - channel);
        for (let one = 0; one < last; one++) {
          const sumsAt = one * tilePixels;
          for (let pixel = 0; pixel < count; pixel++) sums[sumsAt + pixel] += inputTerms[pixel];
          finisher.finish({
            channel: channel + one,
            sums,
            sumsAt,
            count,
            constant: constants[channel + one],
            output,
            outputAt: (channel + one) * pixels + first,
          });
        }
      }
    }
  };
}

/**
 * Four pixels times two pairs: reads weights [tap][pair] and tile [tap][pixel], writes sums [2 · pair + half][pixel].
 */
function multiplyBlock(
  weights: Float64Array,
  weightsAt: number,
  tile: Float64Array,
  tileAt: number,
  taps: number,
  sums: Float64Array,
  sumsAt: number,
  pitch: number,
): void {
  for (let row = 0; row < 2 * PAIRS; row++) sums.fill(0, row * pitch + sumsAt, row * pitch + sumsAt + PIXELS);
  let w = weightsAt;
  let x = tileAt;
  for (let first = 0; first < taps; first += MAX_TAPS) {
    const end = weightsAt + PAIRS * Math.min(taps, first + MAX_TAPS);
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    for (; w < end; w += PAIRS, x += PIXELS) {
      const a = weights[w];
      const b = weights[w + 1];
      const x0 = tile[x];
      const x1 = tile[x + 1];
      const x2 = tile[x + 2];
      const x3 = tile[x + 3];
      a0 += a * x0;
      b0 += b * x0;
      a1 += a * x1;
      b1 += b * x1;
      a2 += a * x2;
      b2 += b * x2;
      a3 += a * x3;
      b3 += b * x3;
    }
    unpair(sums, sumsAt, pitch, a0);
    unpair(sums, sumsAt + 1, pitch, a1);
    unpair(sums, sumsAt + 2, pitch, a2);
    unpair(sums, sumsAt + 3, pitch, a3);
    unpair(sums, sumsAt + 2 * pitch, pitch, b0);
    unpair(sums, sumsAt + 2 * pitch + 1, pitch, b1);
    unpair(sums, sumsAt + 2 * pitch + 2, pitch, b2);
    unpair(sums, sumsAt + 2 * pitch + 3, pitch, b3);
  }
}

function unpair(sums: Float64Array, at: number, pitch: number, pair: number): void {
  const high = floor(pair / HIGH);
  sums[at] += pair - high * HIGH;
  sums[at + pitch] += high;
}

/** 16-bit weights: rows (low, high), (low, high) → low + 256 · high in the first rows. */
function joinBytes(sums: Float64Array, pitch: number): void {
  for (let row = 0; row < PAIRS; row++) {
    for (let pixel = 0; pixel < pitch; pixel++) {
      sums[row * pitch + pixel] = sums[2 * row * pitch + pixel] + 256 * sums[(2 * row + 1) * pitch + pixel];
    }
  }
}

/** [block of outputs][tap][pair] */
function pairWeights(layer: ConvolutionLayer, weightBits: 8 | 16, taps: number, outputsPerBlock: number): Float64Array {
  const { weights: bytes, registers } = layer;
  const blocks = Math.ceil(registers.outputChannels / outputsPerBlock);
  const weights = new Float64Array(blocks * taps * PAIRS);
  // A row is what one half of a pair holds: one byte of the weights of one output channel.
  const bytesPerWeight = weightBits / 8;
  const rows = registers.outputChannels * bytesPerWeight;
  for (let row = 0; row < rows; row++) {
    const block = floor(row / (2 * PAIRS));
    const pair = floor(row / 2) % PAIRS;
    const unit = row % 2 === 0 ? 1 : HIGH;
    const from = weightBits === 8 ? row * taps : (row >> 1) * taps * 2 + (row & 1);
    for (let tap = 0; tap < taps; tap++) {
      weights[(block * taps + tap) * PAIRS + pair] += bytes[from + tap * bytesPerWeight] * unit;
    }
  }
  return weights;
}

/** ((argW · sum of weights) >> shiftW) + argAdd · inputs: what is the same for all pixels. */
function channelConstants(layer: ConvolutionLayer, weightBits: 8 | 16, taps: number): Float64Array {
  const { outputChannels, inputChannels, argW, shiftW, argAdd } = layer.registers;
  return Float64Array.from({ length: outputChannels }, (_, channel) => {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) sum += weightAt(layer.weights, weightBits, channel * taps + tap);
    return floor((argW * sum) / 2 ** shiftW) + argAdd * inputChannels;
  });
}

function offsetsOfTaps({ height, width }: BorderedPlanes, channels: number, kernel: number): Int32Array {
  const area = kernel * kernel;
  return Int32Array.from({ length: channels * area }, (_, tap) => {
    const row = floor((tap % area) / kernel);
    return (floor(tap / area) * height + row) * width + (tap % kernel);
  });
}

/** tile [block of pixels][tap][pixel in block]; pixels that do not exist repeat the last one. */
function fillTile(
  tile: Float64Array,
  planes: BorderedPlanes,
  grid: Grid,
  tapOffsets: Int32Array,
  first: number,
  count: number,
): void {
  const taps = tapOffsets.length;
  const { values } = planes;
  const blocks = Math.ceil(count / PIXELS);
  for (let block = 0; block < blocks; block++) {
    const [p0, p1, p2, p3] = [0, 1, 2, 3].map((one) =>
      positionOf(planes, grid, first + Math.min(block * PIXELS + one, count - 1)),
    );
    let at = block * taps * PIXELS;
    for (let tap = 0; tap < taps; tap++, at += PIXELS) {
      const offset = tapOffsets[tap];
      tile[at] = values[p0 + offset];
      tile[at + 1] = values[p1 + offset];
      tile[at + 2] = values[p2 + offset];
      tile[at + 3] = values[p3 + offset];
    }
  }
}

/** Where the window of a pixel begins. */
function positionOf(planes: BorderedPlanes, grid: Grid, pixel: number): number {
  const row = floor(pixel / grid.width);
  return row * grid.stride * planes.width + (pixel % grid.width) * grid.stride + grid.offset;
}

function sumOfTaps(tile: Float64Array, pixel: number, taps: number): number {
  const at = floor(pixel / PIXELS) * taps * PIXELS + (pixel % PIXELS);
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) sum += tile[at + tap * PIXELS];
  return sum;
}

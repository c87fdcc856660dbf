import type { ConvolutionLayer } from '@graft/kmodel';

import type { BorderedPlanes, Grid, Kernel } from './fast-convolution';
import type { Finisher } from './finish';
import type { Scratch } from './scratch';
import { weightAt } from './weights';

// Looking up a global in the innermost loop costs dearly where code runs in a sandbox.
const { floor } = Math;

/** Each output channel from its own input channel. */
export function createDepthwiseKernel(
  layer: ConvolutionLayer,
  weightBits: 8 | 16,
  grid: Grid,
  finisher: Finisher,
  scratch: Scratch,
): Kernel {
  const { outputChannels, kernel, argW, shiftW, argAdd } = layer.registers;
  const pixels = grid.height * grid.width;
  const taps = kernel * kernel;
  const sumRow = kernel === 3 ? sumRow3 : sumRow1;
  return (planes, output) => {
    const sums = scratch.float64('sums', pixels);
    for (let channel = 0; channel < outputChannels; channel++) {
      const weights = Array.from({ length: taps }, (_, tap) =>
        weightAt(layer.weights, weightBits, channel * taps + tap),
      );
      for (let row = 0; row < grid.height; row++) sumRow(planes, channel, row, grid, weights, layer, sums);
      const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
      const constant = floor((argW * weightSum) / 2 ** shiftW) + argAdd;
      finisher.finish({ channel, sums, sumsAt: 0, count: pixels, constant, output, outputAt: channel * pixels });
    }
  };
}

/** sums[pixel] = products + ((argX · inputs) >> shiftX) over a 3×3 window; at most 9 · 255 · 65535 < 2^31. */
function sumRow3(
  planes: BorderedPlanes,
  channel: number,
  row: number,
  grid: Grid,
  weights: readonly number[],
  layer: ConvolutionLayer,
  sums: Float64Array,
): void {
  const [w0, w1, w2, w3, w4, w5, w6, w7, w8] = weights;
  const { argX, shiftX } = layer.registers;
  const factorX = 2 ** -shiftX;
  const { values, height, width } = planes;
  const { stride } = grid;
  let top = (channel * height + row * stride) * width + grid.offset;
  const start = row * grid.width;
  for (let column = 0; column < grid.width; column++, top += stride) {
    const middle = top + width;
    const bottom = middle + width;
    const x0 = values[top];
    const x1 = values[top + 1];
    const x2 = values[top + 2];
    const x3 = values[middle];
    const x4 = values[middle + 1];
    const x5 = values[middle + 2];
    const x6 = values[bottom];
    const x7 = values[bottom + 1];
    const x8 = values[bottom + 2];
    const products = w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3 + w4 * x4 + w5 * x5 + w6 * x6 + w7 * x7 + w8 * x8;
    const inputs = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8;
    sums[start + column] = products + floor(argX * inputs * factorX);
  }
}

function sumRow1(
  planes: BorderedPlanes,
  channel: number,
  row: number,
  grid: Grid,
  weights: readonly number[],
  layer: ConvolutionLayer,
  sums: Float64Array,
): void {
  const { argX, shiftX } = layer.registers;
  const { values, height, width } = planes;
  const start = (channel * height + row * grid.stride) * width + grid.offset;
  for (let column = 0; column < grid.width; column++) {
    const value = values[start + column * grid.stride];
    sums[row * grid.width + column] = weights[0] * value + floor((argX * value) / 2 ** shiftX);
  }
}

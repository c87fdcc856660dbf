import type { ConvolutionLayer } from '@graft/kmodel';

import type { Rounding } from './activation';
import { createDenseKernel } from './dense-kernel';
import { createDepthwiseKernel } from './depthwise-kernel';
import { createFinisher } from './finish';
import { poolPlane, subsampleOf } from './pool';
import { Scratch } from './scratch';

/** Pixels at which a kernel is computed: every `stride`-th row and column, from column `offset` on. */
export interface Grid {
  readonly height: number;
  readonly width: number;
  readonly stride: number;
  readonly offset: number;
}

/** Input planes with a border: 1 pixel around each of them for 3×3, none for 1×1. */
export interface BorderedPlanes {
  readonly values: Uint8Array;
  /** Rows and columns with the border. */
  readonly height: number;
  readonly width: number;
}

/** Computes all output channels at the pixels of a grid; `output` is (channel, row, column). */
export type Kernel = (planes: BorderedPlanes, output: Uint8Array) => void;

/** input (channel, row, column) → output (channel, row, column), after pooling. */
export type Convolution = (input: Uint8Array) => Uint8Array;

/**
 * The same results as `referenceConvolution`, fast. Weights are arranged once.
 * @param scratch work memory, kept between calls; layers that run one after another may share it
 */
export function createFastConvolution(
  layer: ConvolutionLayer,
  weightBits: 8 | 16,
  rounding: Rounding,
  scratch: Scratch = new Scratch(),
): Convolution {
  const { registers } = layer;
  const { outputChannels, outputHeight, outputWidth, poolType, depthwise } = registers;
  const subsample = subsampleOf(poolType);
  const grid: Grid =
    subsample === undefined
      ? { height: registers.inputHeight, width: registers.inputWidth, stride: 1, offset: 0 }
      : { height: outputHeight, width: outputWidth, ...subsample };
  const finisher = createFinisher(layer.batchNorm, layer.activation, rounding);
  const createKernel = depthwise ? createDepthwiseKernel : createDenseKernel;
  const kernel = createKernel(layer, weightBits, grid, finisher, scratch);
  const border = createBorder(layer, scratch);
  return (input) => {
    const computed = new Uint8Array(outputChannels * grid.height * grid.width);
    kernel(border(input), computed);
    return subsample === undefined ? poolAll(computed, layer, rounding) : computed;
  };
}

function createBorder({ registers }: ConvolutionLayer, scratch: Scratch): (input: Uint8Array) => BorderedPlanes {
  const { inputChannels, inputHeight, inputWidth, kernel, padValue } = registers;
  if (kernel === 1) return (values) => ({ values, height: inputHeight, width: inputWidth });
  const height = inputHeight + 2;
  const width = inputWidth + 2;
  const size = inputChannels * height * width;
  return (input) => {
    const values = scratch.uint8('border', size).fill(padValue, 0, size);
    for (let channel = 0; channel < inputChannels; channel++) {
      for (let row = 0; row < inputHeight; row++) {
        const from = (channel * inputHeight + row) * inputWidth;
        values.set(input.subarray(from, from + inputWidth), (channel * height + row + 1) * width + 1);
      }
    }
    return { values, height, width };
  };
}

function poolAll(computed: Uint8Array, { registers }: ConvolutionLayer, rounding: Rounding): Uint8Array {
  const { inputHeight: height, inputWidth: width, outputChannels, outputHeight, outputWidth, poolType } = registers;
  const area = height * width;
  const pooled = outputHeight * outputWidth;
  const output = new Uint8Array(outputChannels * pooled);
  for (let channel = 0; channel < outputChannels; channel++) {
    const values = computed.subarray(channel * area, (channel + 1) * area);
    const target = output.subarray(channel * pooled, (channel + 1) * pooled);
    poolPlane({ values, height, width }, poolType, rounding, target);
  }
  return output;
}

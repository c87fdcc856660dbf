import type { ConvolutionLayer } from '@graft/kmodel';

import { finishExactly } from './activation';
import type { Rounding } from './activation';
import { poolPlane } from './pool';

/**
 * What the KPU computes, in the plainest form: the definition for the fast kernels, and much slower.
 * @param input bytes (channel, row, column). @returns bytes (channel, row, column), after pooling.
 */
export function referenceConvolution(
  input: Uint8Array,
  layer: ConvolutionLayer,
  weightBits: 8 | 16,
  rounding: Rounding,
): Uint8Array {
  const {
    inputHeight: height,
    inputWidth: width,
    outputHeight,
    outputWidth,
    outputChannels,
    poolType,
  } = layer.registers;
  const plane = new Uint8Array(height * width);
  const pooled = outputHeight * outputWidth;
  const output = new Uint8Array(outputChannels * pooled);
  for (let channel = 0; channel < outputChannels; channel++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const sum = convolve(input, layer, weightBits, { channel, row, column });
        const norm = layer.batchNorm[channel];
        plane[row * width + column] = finishExactly(sum, norm, layer.activation, rounding);
      }
    }
    const target = output.subarray(channel * pooled, (channel + 1) * pooled);
    poolPlane({ values: plane, height, width }, poolType, rounding, target);
  }
  return output;
}

interface Position {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

function convolve(input: Uint8Array, layer: ConvolutionLayer, weightBits: 8 | 16, at: Position): bigint {
  const { registers } = layer;
  const { depthwise, kernel, argX, shiftX, argW, shiftW, argAdd } = registers;
  const inputs = depthwise ? [at.channel] : Array.from({ length: registers.inputChannels }, (_, index) => index);
  let products = 0;
  let inputSum = 0;
  let weightSum = 0;
  let tap = at.channel * inputs.length * kernel * kernel;
  for (const channel of inputs) {
    for (let y = 0; y < kernel; y++) {
      for (let x = 0; x < kernel; x++, tap++) {
        const weight =
          weightBits === 8 ? layer.weights[tap] : layer.weights[2 * tap] + 256 * layer.weights[2 * tap + 1];
        const value = tapValue(input, layer, channel, at.row + y - (kernel >> 1), at.column + x - (kernel >> 1));
        products += weight * value;
        inputSum += value;
        weightSum += weight;
      }
    }
  }
  return (
    BigInt(products) +
    ((BigInt(argX) * BigInt(inputSum)) >> BigInt(shiftX)) +
    ((BigInt(argW) * BigInt(weightSum)) >> BigInt(shiftW)) +
    BigInt(argAdd) * BigInt(inputs.length)
  );
}

function tapValue(input: Uint8Array, layer: ConvolutionLayer, channel: number, row: number, column: number): number {
  const { inputHeight, inputWidth, padValue } = layer.registers;
  if (row < 0 || row >= inputHeight || column < 0 || column >= inputWidth) return padValue;
  return input[(channel * inputHeight + row) * inputWidth + column];
}

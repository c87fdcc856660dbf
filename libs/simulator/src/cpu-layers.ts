import { unreachable } from '@graft/foundation';
import type { ConvolutionLayer, KModelLayer, UploadLayer, AddPaddingLayer } from '@graft/kmodel';

import { badParameter } from './errors';
import { quantizedAdd } from './quantized-add';
import type { MainMemory } from './memory';
import { averagePool, quantizedMaxPool } from './window-pool';

/** Layers that read main memory and write main memory. */
export type MainMemoryLayer = Exclude<KModelLayer, ConvolutionLayer | UploadLayer | AddPaddingLayer>;

type Layer<Kind extends KModelLayer['kind']> = Extract<KModelLayer, { kind: Kind }>;

/** Smallest positive normal float32: where the firmware starts to look for the maximum. */
const SMALLEST_FLOAT = 2 ** -126;
const { fround } = Math;

/**
 * Runs one layer as the firmware does: single precision, in index order, in place where the addresses say so.
 * @param where names the layer in errors. @returns a view of the result.
 */
export function runCpuLayer(layer: MainMemoryLayer, memory: MainMemory, where: string): Uint8Array | Float32Array {
  switch (layer.kind) {
    case 'add':
      return add(layer, memory, where);
    case 'quantizedAdd':
      return quantizedAdd(layer, memory, where);
    case 'globalAveragePool':
      return globalAveragePool(layer, memory, where);
    case 'quantizedMaxPool':
      return quantizedMaxPool(layer, memory, where);
    case 'averagePool':
      return averagePool(layer, memory, where);
    case 'quantize':
      return quantize(layer, memory, where);
    case 'dequantize':
      return dequantize(layer, memory, where);
    case 'requantize':
      return requantize(layer, memory, where);
    case 'l2Normalization':
      return l2Normalization(layer, memory, where);
    case 'softmax':
      return softmax(layer, memory, where);
    case 'logistic':
      return logistic(layer, memory, where);
    case 'concat':
    case 'quantizedConcat':
      return concat(layer, memory, where);
    case 'fullyConnected':
      return fullyConnected(layer, memory, where);
    case 'flatten':
      return flatten(layer, memory, where);
    case 'resizeNearest':
    case 'quantizedResizeNearest':
      return resizeNearest(layer, memory, where);
    case 'channelwiseDequantize':
      return channelwiseDequantize(layer, memory, where);
    case 'removePadding':
      return removePadding(layer, memory, where);
    default:
      return unreachable(layer);
  }
}

function add(layer: Layer<'add'>, memory: MainMemory, where: string): Float32Array {
  const a = memory.floats(where, layer.inputA, layer.count);
  const b = memory.floats(where, layer.inputB, layer.count);
  const output = memory.floats(where, layer.output, layer.count);
  for (let index = 0; index < layer.count; index++) output[index] = a[index] + b[index];
  return output;
}

function globalAveragePool(layer: Layer<'globalAveragePool'>, memory: MainMemory, where: string): Float32Array {
  const { channels, kernelSize } = layer;
  const input = memory.floats(where, layer.input, channels * kernelSize);
  const output = memory.floats(where, layer.output, channels);
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let cell = 0; cell < kernelSize; cell++) sum = fround(sum + input[channel * kernelSize + cell]);
    output[channel] = sum / kernelSize;
  }
  return output;
}

function quantize(layer: Layer<'quantize'>, memory: MainMemory, where: string): Uint8Array {
  const input = memory.floats(where, layer.input, layer.count);
  const output = memory.bytes(where, layer.output, layer.count);
  const inverse = fround(1 / layer.scale);
  for (let index = 0; index < layer.count; index++) {
    const value = fround(fround(input[index] - layer.bias) * inverse);
    // Halves go away from zero, as roundf does; below zero the clamp hides it.
    const rounded = Math.floor(value + 0.5);
    output[index] = rounded > 255 ? 255 : rounded > 0 ? rounded : 0;
  }
  return output;
}

function dequantize(layer: Layer<'dequantize'>, memory: MainMemory, where: string): Float32Array {
  const input = memory.bytes(where, layer.input, layer.count);
  const output = memory.floats(where, layer.output, layer.count);
  for (let index = 0; index < layer.count; index++) output[index] = fround(input[index] * layer.scale) + layer.bias;
  return output;
}

function channelwiseDequantize(layer: Layer<'channelwiseDequantize'>, memory: MainMemory, where: string): Float32Array {
  const { channelSize, ranges } = layer;
  const input = memory.bytes(where, layer.input, ranges.length * channelSize);
  const output = memory.floats(where, layer.output, ranges.length * channelSize);
  ranges.forEach(({ scale, bias }, channel) => {
    for (let index = channel * channelSize; index < (channel + 1) * channelSize; index++) {
      output[index] = fround(input[index] * scale) + bias;
    }
  });
  return output;
}

function requantize(layer: Layer<'requantize'>, memory: MainMemory, where: string): Uint8Array {
  const input = memory.bytes(where, layer.input, layer.count);
  const output = memory.bytes(where, layer.output, layer.count);
  for (let index = 0; index < layer.count; index++) output[index] = layer.table[input[index]];
  return output;
}

function l2Normalization(layer: Layer<'l2Normalization'>, memory: MainMemory, where: string): Float32Array {
  const input = memory.floats(where, layer.input, layer.channels);
  const output = memory.floats(where, layer.output, layer.channels);
  let sum = 0;
  for (const value of input) sum = fround(sum + fround(value * value));
  const norm = fround(Math.sqrt(Math.max(sum, fround(1e-10))));
  for (let index = 0; index < layer.channels; index++) output[index] = input[index] / norm;
  return output;
}

function softmax(layer: Layer<'softmax'>, memory: MainMemory, where: string): Float32Array {
  const input = memory.floats(where, layer.input, layer.channels);
  const output = memory.floats(where, layer.output, layer.channels);
  let maximum = SMALLEST_FLOAT;
  for (const value of input) maximum = Math.max(maximum, value);
  let sum = 0;
  for (let index = 0; index < layer.channels; index++) {
    output[index] = Math.exp(fround(input[index] - maximum));
    sum = fround(sum + output[index]);
  }
  for (let index = 0; index < layer.channels; index++) output[index] /= sum;
  return output;
}

function logistic(layer: Layer<'logistic'>, memory: MainMemory, where: string): Float32Array {
  const input = memory.floats(where, layer.input, layer.channels);
  const output = memory.floats(where, layer.output, layer.channels);
  for (let index = 0; index < layer.channels; index++) output[index] = 1 / fround(1 + fround(Math.exp(-input[index])));
  return output;
}

function concat(layer: Layer<'concat' | 'quantizedConcat'>, memory: MainMemory, where: string): Uint8Array {
  const total = layer.inputs.reduce((sum, { size }) => sum + size, 0);
  const output = memory.bytes(where, layer.output, total);
  let at = 0;
  for (const { start, size } of layer.inputs) {
    output.set(memory.bytes(where, start, size), at);
    at += size;
  }
  return output;
}

function fullyConnected(layer: Layer<'fullyConnected'>, memory: MainMemory, where: string): Float32Array {
  const { inputChannels, outputChannels, weights, bias, activation } = layer;
  const input = memory.floats(where, layer.input, inputChannels);
  const output = memory.floats(where, layer.output, outputChannels);
  for (let unit = 0; unit < outputChannels; unit++) {
    let sum = 0;
    for (let index = 0; index < inputChannels; index++) {
      sum = fround(sum + fround(input[index] * weights[unit * inputChannels + index]));
    }
    output[unit] = activate(fround(sum + bias[unit]), activation);
  }
  return output;
}

function activate(value: number, activation: number): number {
  if (activation === 1) return Math.max(value, 0);
  if (activation === 2) return Math.min(Math.max(value, 0), 6);
  return value;
}

function flatten(layer: Layer<'flatten'>, memory: MainMemory, where: string): Float32Array {
  const { channels, height, width } = layer;
  const input = memory.floats(where, layer.input, channels * height * width);
  const output = memory.floats(where, layer.output, channels * height * width);
  let at = 0;
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < channels; channel++, at++) output[at] = input[channel * height * width + pixel];
  }
  return output;
}

function resizeNearest(
  layer: Layer<'resizeNearest' | 'quantizedResizeNearest'>,
  memory: MainMemory,
  where: string,
): Uint8Array | Float32Array {
  const { channels, inputHeight, inputWidth, outputHeight, outputWidth } = layer;
  if (inputHeight * inputWidth === 0) throw badParameter(where, 'input size', 0);
  const view = (address: number, count: number): Uint8Array | Float32Array =>
    layer.kind === 'resizeNearest' ? memory.floats(where, address, count) : memory.bytes(where, address, count);
  const input = view(layer.input, channels * inputHeight * inputWidth);
  const output = view(layer.output, channels * outputHeight * outputWidth);
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < outputHeight; row++) {
      const from = (channel * inputHeight + nearest(row, inputHeight, outputHeight)) * inputWidth;
      for (let column = 0; column < outputWidth; column++, at++) {
        output[at] = input[from + nearest(column, inputWidth, outputWidth)];
      }
    }
  }
  return output;
}

function nearest(index: number, inputSize: number, outputSize: number): number {
  return Math.min(Math.floor(fround(index * fround(inputSize / outputSize))), inputSize - 1);
}

function removePadding(layer: Layer<'removePadding'>, memory: MainMemory, where: string): Uint8Array {
  const input = memory.bytes(where, layer.input, 16 * layer.channels);
  const output = memory.bytes(where, layer.output, layer.channels);
  for (let channel = 0; channel < layer.channels; channel++) output[channel] = input[16 * channel];
  return output;
}

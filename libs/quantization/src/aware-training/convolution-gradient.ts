import { tableSlope } from '../activation-table/activation-table';
import { convolve } from '../kernels';
import type { QuantizedConvolution } from '../quantized-graph';
import { accumulate, padByte, toBytes } from '../quantized-convolution';
import { foldWindows, unfoldWindows } from './windows';

/** ∂loss/∂weights and ∂loss/∂bias of a layer, both of real values, in the layer's own layouts. */
export interface LayerGradient {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** A layer's answer to one picture, with what the way back needs. Maps are planar. */
export interface ConvolutionStep {
  readonly layer: QuantizedConvolution;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  /** ∂ real output / ∂ real sum, roundings left aside; 0 where the byte is clamped. */
  readonly slopes: Float64Array;
}

/** The bytes are those of `evaluateQuantized`, by the same code. */
export function convolutionStep(layer: QuantizedConvolution, input: Uint8Array): ConvolutionStep {
  const sums = accumulate(layer, input);
  const output = new Uint8Array(toBytes(layer, sums).buffer);
  return { layer, input, output, slopes: slopesOf(layer, sums) };
}

/** Straight through the rounding, to 0 outside the range of the bytes (Bengio, Léonard and Courville, 2013). */
function slopesOf({ output, bias, table }: QuantizedConvolution, sums: Float64Array): Float64Array {
  const area = sums.length / bias.length;
  return sums.map((sum, index) => {
    const value = sum + bias[Math.floor(index / area)];
    if (table !== undefined)
      return (tableSlope(table.segments, Math.round(value / table.unit)) * output.scale) / table.unit;
    const place = value / output.scale + output.zeroPoint;
    return place > 0 && place < 255 ? 1 : 0;
  });
}

/** `gradient` is ∂loss/∂ real output, planar. The gradient by the input is left out where nothing before it learns. */
export function convolutionBack(
  { layer, input, slopes }: ConvolutionStep,
  gradient: Float64Array,
  passesOn: boolean,
): LayerGradient & { readonly input?: Float64Array } {
  const outer = gradient.map((value, index) => value * slopes[index]);
  const bias = channelSums(outer, layer.output.channels);
  const weights =
    layer.kind === 'depthwise' ? depthwiseWeights(layer, input, outer) : denseWeights(layer, input, outer);
  for (let index = 0; index < weights.length; index++) weights[index] *= layer.input.scale;
  if (!passesOn) return { weights, bias };
  return { weights, bias, input: layer.kind === 'depthwise' ? depthwiseInput(layer, outer) : denseInput(layer, outer) };
}

function channelSums(values: Float64Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  const area = values.length / channels;
  values.forEach((value, index) => (sums[Math.floor(index / area)] += value));
  return sums;
}

/** One product of matrices: the pixels are the channels of a 1×1 convolution. */
function denseWeights(layer: QuantizedConvolution, bytes: Uint8Array, outer: Float64Array): Float64Array {
  const windows = unfoldWindows(layer, bytes);
  const pixels = layer.output.height * layer.output.width;
  return multiply(outer, layer.output.channels, windows, windows.length / pixels);
}

function denseInput(layer: QuantizedConvolution, outer: Float64Array): Float64Array {
  const outputs = layer.output.channels;
  const taps = layer.weights.length / outputs;
  const turned = new Float64Array(layer.weights.length);
  layer.weights.forEach((_, at) => (turned[(at % taps) * outputs + Math.floor(at / taps)] = realWeight(layer, at)));
  const pixels = layer.output.height * layer.output.width;
  return foldWindows(layer, multiply(turned, taps, Float32Array.from(outer), pixels));
}

/** left [row][inner] · right [inner][column]. */
function multiply(left: Float64Array, rows: number, right: Float32Array, columns: number): Float64Array {
  const input = { channels: left.length / rows, height: 1, width: columns };
  const output = { channels: rows, height: 1, width: columns };
  return convolve({ kind: 'convolution', kernel: 1, stride: 1, input, output }, right, left, 0);
}

function depthwiseWeights(layer: QuantizedConvolution, bytes: Uint8Array, outer: Float64Array): Float64Array {
  const weights = new Float64Array(layer.weights.length);
  const { zeroPoint } = layer.input;
  const outside = padByte(layer.input) - zeroPoint;
  overTaps(layer, (weight, place, pixel) => {
    weights[weight] += outer[pixel] * (place < 0 ? outside : bytes[place] - zeroPoint);
  });
  return weights;
}

function depthwiseInput(layer: QuantizedConvolution, outer: Float64Array): Float64Array {
  const input = new Float64Array(layer.input.channels * layer.input.height * layer.input.width);
  overTaps(layer, (weight, place, pixel) => {
    if (place >= 0) input[place] += outer[pixel] * realWeight(layer, weight);
  });
  return input;
}

/** Each tap of each output pixel of a depthwise layer: weight, place in the input (−1: outside), place in the output. */
function overTaps(
  { input, output, stride }: QuantizedConvolution,
  visit: (weight: number, place: number, pixel: number) => void,
): void {
  let pixel = 0;
  for (let channel = 0; channel < output.channels; channel++) {
    for (let row = 0; row < output.height; row++) {
      for (let column = 0; column < output.width; column++, pixel++) {
        for (let tap = 0; tap < 9; tap++) {
          const y = row * stride + Math.floor(tap / 3) - 1;
          const x = column * stride + (tap % 3) - 1;
          const inside = y >= 0 && y < input.height && x >= 0 && x < input.width;
          visit(channel * 9 + tap, inside ? (channel * input.height + y) * input.width + x : -1, pixel);
        }
      }
    }
  }
}

function realWeight({ weights, weightZeroPoint, weightScales }: QuantizedConvolution, at: number): number {
  return (weights[at] - weightZeroPoint) * weightScales[Math.floor((at * weightScales.length) / weights.length)];
}

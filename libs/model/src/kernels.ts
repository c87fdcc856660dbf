import type { MapShape } from '@graft/tensor';

import type { ConvolutionNode, DenseNode, DepthwiseNode } from './graph';

/** Planes are [channel][row][column]. Sums run in double precision and are rounded once, to float32. */

/** Pointwise convolution. Four inputs at a time, so that each sum is loaded and stored a quarter as often. */
export function pointwise(input: Float32Array, area: number, node: ConvolutionNode): Float32Array {
  const { inputChannels, outputChannels, weights, bias } = node;
  const output = new Float32Array(outputChannels * area);
  const sums = new Float64Array(area);
  for (let out = 0; out < outputChannels; out++) {
    sums.fill(bias === undefined ? 0 : bias[out]);
    const row = out * inputChannels;
    let channel = 0;
    for (; channel + 4 <= inputChannels; channel += 4) addFour(sums, input, channel * area, weights, row + channel);
    for (; channel < inputChannels; channel++) {
      const weight = weights[row + channel];
      const start = channel * area;
      for (let pixel = 0; pixel < area; pixel++) sums[pixel] += weight * input[start + pixel];
    }
    output.set(sums, out * area);
  }
  return output;
}

function addFour(sums: Float64Array, input: Float32Array, start: number, weights: Float32Array, at: number): void {
  const area = sums.length;
  const [first, second, third, fourth] = [weights[at], weights[at + 1], weights[at + 2], weights[at + 3]];
  const two = start + area;
  const three = two + area;
  const four = three + area;
  for (let pixel = 0; pixel < area; pixel++) {
    sums[pixel] +=
      first * input[start + pixel] +
      second * input[two + pixel] +
      third * input[three + pixel] +
      fourth * input[four + pixel];
  }
}

/** Pixels (2i, 2j) of every plane. */
export function keepEven(input: Float32Array, { channels, height, width }: MapShape): Float32Array {
  const output = new Float32Array((channels * height * width) / 4);
  let to = 0;
  for (let plane = 0; plane < channels; plane++) {
    for (let row = 0; row < height; row += 2) {
      const start = (plane * height + row) * width;
      for (let column = 0; column < width; column += 2) output[to++] = input[start + column];
    }
  }
  return output;
}

/** 3×3 convolution over all input channels. */
export function convolution3x3(input: Float32Array, shape: MapShape, node: ConvolutionNode): Float32Array {
  const { inputChannels, outputChannels, weights, bias, stride } = node;
  const area = (shape.height / stride) * (shape.width / stride);
  const planes = Array.from({ length: inputChannels }, (_, channel) => padded(input, shape, channel));
  const output = new Float32Array(outputChannels * area);
  const sums = new Float64Array(area);
  for (let out = 0; out < outputChannels; out++) {
    sums.fill(bias === undefined ? 0 : bias[out]);
    planes.forEach((plane, channel) =>
      addWindow(sums, plane, shape, stride, weights, (out * inputChannels + channel) * 9),
    );
    output.set(sums, out * area);
  }
  return output;
}

/** 3×3 convolution of each channel by itself. */
export function depthwise3x3(input: Float32Array, shape: MapShape, node: DepthwiseNode): Float32Array {
  const { channels, weights, bias, stride } = node;
  const area = (shape.height / stride) * (shape.width / stride);
  const output = new Float32Array(channels * area);
  const sums = new Float64Array(area);
  for (let channel = 0; channel < channels; channel++) {
    sums.fill(bias === undefined ? 0 : bias[channel]);
    addWindow(sums, padded(input, shape, channel), shape, stride, weights, channel * 9);
    output.set(sums, channel * area);
  }
  return output;
}

/** One plane with a border of zeros, one pixel wide. */
function padded(input: Float32Array, { height, width }: MapShape, channel: number): Float32Array {
  const plane = new Float32Array((height + 2) * (width + 2));
  for (let row = 0; row < height; row++) {
    const start = (channel * height + row) * width;
    plane.set(input.subarray(start, start + width), (row + 1) * (width + 2) + 1);
  }
  return plane;
}

function addWindow(
  sums: Float64Array,
  plane: Float32Array,
  { height, width }: MapShape,
  stride: 1 | 2,
  weights: Float32Array,
  at: number,
): void {
  const line = width + 2;
  const [a, b, c] = [weights[at], weights[at + 1], weights[at + 2]];
  const [d, e, f] = [weights[at + 3], weights[at + 4], weights[at + 5]];
  const [g, h, i] = [weights[at + 6], weights[at + 7], weights[at + 8]];
  let to = 0;
  for (let row = 0; row < height; row += stride) {
    const end = row * line + width;
    for (let top = row * line; top < end; top += stride) {
      const middle = top + line;
      const bottom = middle + line;
      sums[to++] +=
        a * plane[top] +
        b * plane[top + 1] +
        c * plane[top + 2] +
        d * plane[middle] +
        e * plane[middle + 1] +
        f * plane[middle + 2] +
        g * plane[bottom] +
        h * plane[bottom + 1] +
        i * plane[bottom + 2];
    }
  }
}

export function dense(input: Float32Array, { inputs, units, weights, bias }: DenseNode): Float32Array {
  const output = new Float32Array(units);
  for (let unit = 0; unit < units; unit++) {
    let sum = bias[unit];
    for (let at = 0; at < inputs; at++) sum += weights[unit * inputs + at] * input[at];
    output[unit] = sum;
  }
  return output;
}

/** Shifted by the largest score, so that no exponential overflows. */
export function softmax(scores: Float32Array): Float32Array {
  const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / sum);
}

/** Mean of every plane. */
export function globalAveragePool(input: Float32Array, channels: number): Float32Array {
  const area = input.length / channels;
  const output = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let at = channel * area; at < (channel + 1) * area; at++) sum += input[at];
    output[channel] = sum / area;
  }
  return output;
}

/** Maximum of every plane. */
export function globalMaxPool(input: Float32Array, channels: number): Float32Array {
  const area = input.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) =>
    input.subarray(channel * area, (channel + 1) * area).reduce((a, b) => Math.max(a, b), -Infinity),
  );
}

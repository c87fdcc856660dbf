import * as tf from '@tensorflow/tfjs-core';

import { convolution, depthwise, pad } from './convolutions';
import type { Window } from './training-ops';

/**
 * Gradients that the wasm back end has no kernels for, put together from what it has. Maps are [picture][row][column][channel].
 * Every function keeps its arguments and returns fresh tensors; intermediate ones are the caller's `tf.tidy`.
 */

/** Row and column of the nine weights of a window, in the order in which kernels hold them. */
const WINDOW = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => [row, column] as const));

/** ∂loss/∂kernel [row][column][input][output]. */
export function convolutionKernelGradient(
  input: tf.Tensor4D,
  gradient: tf.Tensor4D,
  { kernel, stride }: Window,
): tf.Tensor4D {
  const [inputs, outputs] = [input.shape[3], gradient.shape[3]];
  // One product for all taps: the window's pixels stand side by side as channels.
  const patches = kernel === 1 ? everySecond(input, stride) : allViews(input, stride);
  const columns = tf.reshape<tf.Rank.R2>(patches, [-1, kernel * kernel * inputs]);
  // Turned round in a step of its own: the product's own way of turning its first factor is slow in wasm.
  const product = tf.matMul(tf.transpose(columns), tf.reshape<tf.Rank.R2>(gradient, [-1, outputs]));
  return tf.reshape(product, [kernel, kernel, inputs, outputs]);
}

/** ∂loss/∂input. `weights` [row][column][input][output]. */
export function convolutionInputGradient(
  gradient: tf.Tensor4D,
  weights: tf.Tensor4D,
  { kernel, stride }: Window,
): tf.Tensor4D {
  const spread = stride === 2 ? spreadOut(gradient) : gradient;
  const turned = tf.transpose(kernel === 3 ? flip(weights) : weights, [0, 1, 3, 2]);
  return convolution(spread, turned, { kernel, stride: 1 });
}

/** ∂loss/∂kernel [row][column][channel][1] of a depthwise 3×3 convolution. */
export function depthwiseKernelGradient(input: tf.Tensor4D, gradient: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D {
  const view = windowViews(input, stride);
  const sums = WINDOW.map(([row, column]) => tf.tidy(() => channelSums(tf.mul(view(row, column), gradient))));
  return tf.reshape(tf.stack(sums), [3, 3, input.shape[3], 1]);
}

/** ∂loss/∂input of a depthwise 3×3 convolution. `weights` [row][column][channel][1]. */
export function depthwiseInputGradient(gradient: tf.Tensor4D, weights: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D {
  const spread = stride === 2 ? spreadOut(gradient) : gradient;
  return depthwise(spread, flip(weights), 1);
}

/** Sum of each channel over pictures, rows and columns. Average pooling is far faster in wasm than a sum over outer axes. */
export function channelSums(map: tf.Tensor4D): tf.Tensor1D {
  const [pictures, height, width, channels] = map.shape;
  const means = tf.reshape<tf.Rank.R4>(tf.avgPool(map, [height, width], 1, 'valid'), [1, pictures, 1, channels]);
  const mean = pictures === 1 ? means : tf.avgPool(means, [pictures, 1], 1, 'valid');
  return tf.reshape(tf.mul(mean, pictures * height * width), [channels]);
}

/** Gives the view of the padded input that each weight of a 3×3 window sees; only when asked, since each is as large as the output. */
function windowViews(input: tf.Tensor4D, stride: 1 | 2): (row: number, column: number) => tf.Tensor4D {
  const [pictures, height, width, channels] = input.shape;
  const padded = pad(input);
  const phases = stride === 2 ? splitPhases(padded) : [[padded]];
  const size: [number, number, number, number] = [pictures, height / stride, width / stride, channels];
  return (row, column) => {
    const phase = phases[row % stride][column % stride];
    return tf.slice(phase, [0, Math.floor(row / stride), Math.floor(column / stride), 0], size);
  };
}

function allViews(input: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D {
  const view = windowViews(input, stride);
  const views = WINDOW.map(([row, column]) => view(row, column));
  return tf.concat(views, 3);
}

/** The four maps of even and odd rows and columns. By reshaping, since slices with a stride are slow in wasm. */
function splitPhases(map: tf.Tensor4D): tf.Tensor4D[][] {
  const [pictures, height, width, channels] = map.shape;
  const quarter: [number, number, number, number] = [pictures, height / 2, width / 2, channels];
  const rowPairs: [number, number, number] = [(pictures * height) / 2, 2, width * channels];
  const columnPairs: [number, number, number] = [(pictures * height * width) / 4, 2, channels];
  return halves(map, rowPairs).map((rows) => halves(rows, columnPairs).map((phase) => tf.reshape(phase, quarter)));
}

/** The two halves along the middle axis of the map seen in this shape. */
function halves(map: tf.Tensor, shape: [number, number, number]): tf.Tensor[] {
  const pairs = tf.reshape<tf.Rank.R3>(map, shape);
  return [0, 1].map((half) => tf.slice(pairs, [0, half, 0], [shape[0], 1, shape[2]]));
}

/** Pixels (2i, 2j). */
function everySecond(map: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D {
  return stride === 1 ? map : splitPhases(map)[0][0];
}

/** A map of twice the height and width with the pixels at (2i, 2j) and 0 between. */
function spreadOut(map: tf.Tensor4D): tf.Tensor4D {
  const [pictures, height, width, channels] = map.shape;
  const columns = withZerosBetween(map, [pictures * height * width, 1, channels]);
  const rows = withZerosBetween(columns, [pictures * height, 1, 2 * width * channels]);
  return tf.reshape(rows, [pictures, 2 * height, 2 * width, channels]);
}

function withZerosBetween(map: tf.Tensor, shape: [number, number, number]): tf.Tensor {
  return tf.pad(tf.reshape<tf.Rank.R3>(map, shape), [
    [0, 0],
    [0, 1],
    [0, 0],
  ]);
}

/** Turns a 3×3 kernel by half a turn. */
function flip(weights: tf.Tensor4D): tf.Tensor4D {
  return tf.reverse(weights, [0, 1]);
}

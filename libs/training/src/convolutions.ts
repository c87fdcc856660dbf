import * as tf from '@tensorflow/tfjs-core';

import type { Merged, Window } from './training-ops';

type Padding = [[number, number], [number, number], [number, number], [number, number]];
/** One pixel around each map; maps are [picture][row][column][channel]. */
const AROUND: Padding = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];

/** `weights` [row][column][input][output]. With a bias, convolution and ReLU6 (where `clipped`) run as one kernel. */
export function convolution(
  input: tf.Tensor4D,
  weights: tf.Tensor4D,
  { kernel, stride }: Window,
  merged?: Merged,
): tf.Tensor4D {
  const pad = kernel === 1 ? 'valid' : AROUND;
  if (merged === undefined) return tf.conv2d(input, weights, stride, pad);
  return tf.fused.conv2d({ x: input, filter: weights, strides: stride, pad, ...merged });
}

/** `weights` [row][column][channel][1]. */
export function depthwise(input: tf.Tensor4D, weights: tf.Tensor4D, stride: 1 | 2, merged?: Merged): tf.Tensor4D {
  if (merged === undefined) return tf.depthwiseConv2d(input, weights, stride, AROUND);
  // The type forgets the borders that the kernel knows.
  return tf.fused.depthwiseConv2d({
    x: input,
    filter: weights,
    strides: stride,
    pad: AROUND as unknown as 'valid',
    ...merged,
  });
}

/** The map with a border of 0, one pixel wide. */
export function pad(input: tf.Tensor4D): tf.Tensor4D {
  return tf.pad(input, AROUND);
}

import type { ClampingActivation } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

/** The graph's convolutions: 1×1; or 3×3 with one pixel of 0 on all sides; stride 2 keeps (2i, 2j). */
export interface Window {
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

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
  const [x, pad] = kernel === 1 ? ([input, 'valid'] as const) : paddedInput(input);
  if (merged === undefined) return tf.conv2d(x, weights, stride, pad);
  return tf.fused.conv2d({ x, filter: weights, strides: stride, pad, ...mergedOptions(merged) });
}

/** `weights` [row][column][channel][1]. */
export function depthwise(input: tf.Tensor4D, weights: tf.Tensor4D, stride: 1 | 2, merged?: Merged): tf.Tensor4D {
  const [x, pad] = paddedInput(input);
  if (merged === undefined) return tf.depthwiseConv2d(x, weights, stride, pad);
  const options = mergedOptions(merged);
  return tf.fused.depthwiseConv2d({ x, filter: weights, strides: stride, pad: pad as 'valid', ...options });
}

/** What the kernel adds and clips in the same pass. */
export interface Merged {
  readonly bias: tf.Tensor1D;
  readonly activation: ClampingActivation;
}

function mergedOptions({ bias, activation }: Merged) {
  return { bias, activation } as const;
}

/** The map with its border, where the back end does not know borders of its own (tfjs-node's depthwise convolution). */
function paddedInput(input: tf.Tensor4D): readonly [tf.Tensor4D, Padding | 'valid'] {
  return tf.getBackend() === 'tensorflow' ? [pad(input), 'valid'] : [input, AROUND];
}

/** The map with a border of 0, one pixel wide. */
export function pad(input: tf.Tensor4D): tf.Tensor4D {
  return tf.pad(input, AROUND);
}

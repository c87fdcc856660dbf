import { convolve } from './kernels';

/** left [row][inner] · right [inner][column]: a 1×1 convolution over a map of one line. */
export function matrixProduct(left: Float64Array, right: Float32Array, inner: number): Float64Array {
  const input = { channels: inner, height: 1, width: right.length / inner };
  const output = { ...input, channels: left.length / inner };
  return convolve({ kind: 'convolution', kernel: 1, stride: 1, input, output }, right, left, 0);
}

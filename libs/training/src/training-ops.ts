import type { ClampingActivation } from '@graft/model';
import type * as tf from '@tensorflow/tfjs-core';

import type { Optimizer, OptimizerOptions } from './optimizer';

/** The graph's convolutions: 1×1; or 3×3 with one pixel of 0 on all sides; stride 2 keeps (2i, 2j). */
export interface Window {
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

/** What a convolution adds and clips in the same pass. */
export interface Merged {
  readonly bias: tf.Tensor1D;
  readonly activation: ClampingActivation;
}

export type Clamp = 'relu' | 'relu6';

/** Learned numbers of a batch norm, one for each channel. */
export interface BatchNormNumbers {
  readonly gamma: tf.Tensor1D;
  readonly beta: tf.Tensor1D;
  readonly epsilon: number;
}

export interface Averages {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

export interface Normalized {
  readonly output: tf.Tensor;
  /** For the way back; what they are is the implementation's affair. */
  readonly saved: tf.Tensor[];
}

/** By which mean and variance a batch norm normalises. Those of the batch depend on every pixel, averages on none. */
export type Moments = 'batch' | 'averages';

/**
 * What training asks of a back end: every operation with its gradients, and the step of an optimizer. Maps are
 * [picture][row][column][channel] with even sides where the stride is 2; kernels [row][column][input][output], depthwise ones
 * [row][column][channel][1]. Each function keeps its arguments and answers with fresh tensors; a tidy of the caller clears the rest.
 */
export interface TrainingOps {
  convolution(input: tf.Tensor4D, weights: tf.Tensor4D, window: Window, merged?: Merged): tf.Tensor4D;
  convolutionInputGradient(gradient: tf.Tensor4D, weights: tf.Tensor4D, window: Window): tf.Tensor4D;
  convolutionKernelGradient(input: tf.Tensor4D, gradient: tf.Tensor4D, window: Window): tf.Tensor4D;

  depthwise(input: tf.Tensor4D, weights: tf.Tensor4D, stride: 1 | 2, merged?: Merged): tf.Tensor4D;
  depthwiseInputGradient(gradient: tf.Tensor4D, weights: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D;
  depthwiseKernelGradient(input: tf.Tensor4D, gradient: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D;

  /** Adds one number to each channel of a map. */
  addBias(map: tf.Tensor, bias: tf.Tensor1D): tf.Tensor;
  /** Sum of each channel over pictures, rows and columns. */
  biasGradient(gradient: tf.Tensor4D): tf.Tensor1D;

  clamp(input: tf.Tensor, bounds: Clamp): tf.Tensor;
  /** On a corner the slope is 0. */
  clampGradient(gradient: tf.Tensor, output: tf.Tensor, bounds: Clamp): tf.Tensor;

  /** With the batch's own mean and biased variance, which are given as well. */
  normalizeByBatch(input: tf.Tensor4D, numbers: BatchNormNumbers): Normalized & { readonly batch: Averages };
  normalizeByAverages(input: tf.Tensor, numbers: BatchNormNumbers, averages: Averages): Normalized;
  normalizeGradient(
    gradient: tf.Tensor4D,
    saved: readonly tf.Tensor[],
    numbers: BatchNormNumbers,
    moments: Moments,
  ): { readonly input: tf.Tensor; readonly gamma: tf.Tensor; readonly beta: tf.Tensor };

  globalAveragePool(map: tf.Tensor4D): tf.Tensor2D;
  globalAveragePoolGradient(gradient: tf.Tensor2D, shape: readonly number[]): tf.Tensor;

  /** Vectors [picture][input], weights [input][unit]. */
  dense(input: tf.Tensor2D, weights: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D;
  denseInputGradient(gradient: tf.Tensor2D, weights: tf.Tensor2D): tf.Tensor2D;
  denseWeightsGradient(input: tf.Tensor2D, gradient: tf.Tensor2D): tf.Tensor2D;
  denseBiasGradient(gradient: tf.Tensor2D): tf.Tensor1D;

  optimizer(options: OptimizerOptions): Optimizer;
}

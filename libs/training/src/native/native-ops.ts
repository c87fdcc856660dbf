import * as tf from '@tensorflow/tfjs-core';

import type { TrainingOps, Window } from '../training-ops';
import { flag, float, integers, text, type } from './addon';
import { nativeBackend, type Attributes } from './native-backend';
import { windowAttributes } from './native-kernels';
import { nativeOptimizer } from './native-optimizer';

/** Each operation is one of TensorFlow's own, with oneDNN's kernels behind it where it has some. */
export const nativeOps: TrainingOps = {
  convolution: (input, weights, window, merged) => finish(call('Conv2D', windowOf(window), [input, weights]), merged),
  convolutionInputGradient: (gradient, weights, window) => {
    const shape = inputShape(gradient, window.stride, weights.shape[2]);
    return call('Conv2DBackpropInput', windowOf(window), [sizes(shape), weights, gradient]);
  },
  convolutionKernelGradient: (input, gradient, window) => {
    const shape = [window.kernel, window.kernel, input.shape[3], gradient.shape[3]];
    // oneDNN's kernel for a 1×1 window with stride 2 writes beyond its memory (TensorFlow 2.21); on every second pixel it is a plain product.
    const [seen, stride] =
      window.kernel === 1 ? ([everySecond(input, window.stride), 1] as const) : [input, window.stride];
    return call('Conv2DBackpropFilter', windowOf({ ...window, stride }), [seen, sizes(shape), gradient]);
  },

  depthwise: (input, weights, stride, merged) =>
    finish(call('DepthwiseConv2dNative', windowOf({ kernel: 3, stride }), [input, weights]), merged),
  depthwiseInputGradient: (gradient, weights, stride) => {
    const shape = inputShape(gradient, stride, gradient.shape[3]);
    const operands = [sizes(shape), weights, gradient];
    return call('DepthwiseConv2dNativeBackpropInput', windowOf({ kernel: 3, stride }), operands);
  },
  depthwiseKernelGradient: (input, gradient, stride) => {
    const operands = [input, sizes([3, 3, input.shape[3], 1]), gradient];
    return call('DepthwiseConv2dNativeBackpropFilter', windowOf({ kernel: 3, stride }), operands);
  },

  addBias: (map, bias) => call('BiasAdd', LAYOUT, [map, bias]),
  biasGradient: (gradient) => call('BiasAddGrad', LAYOUT, [gradient]),

  clamp: (input, bounds) => call(bounds === 'relu' ? 'Relu' : 'Relu6', {}, [input]),
  clampGradient: (gradient, output, bounds) =>
    call(bounds === 'relu' ? 'ReluGrad' : 'Relu6Grad', {}, [gradient, output]),

  normalizeByBatch: (input, { gamma, beta, epsilon }) => {
    const none = tf.tensor1d([]);
    const settings = { ...normSettings(epsilon, true), exponential_avg_factor: float(1) };
    const operands = [input, gamma, beta, none, none];
    const [output, mean, variance, ...reserved] = calls('FusedBatchNormV3', settings, operands, 6);
    const count = input.size / input.shape[3];
    // TensorFlow gives the unbiased variance here, as for its own averages.
    const biased = variance.dataSync<'float32'>().map((value) => (value * Math.max(1, count - 1)) / count);
    return { output, saved: [input, ...reserved], batch: { mean: mean.dataSync<'float32'>(), variance: biased } };
  },
  normalizeByAverages: (input, { gamma, beta, epsilon }, averages) => {
    const [mean, variance] = [tf.tensor1d(averages.mean.slice()), tf.tensor1d(averages.variance.slice())];
    const settings = { ...normSettings(epsilon, false), exponential_avg_factor: float(1) };
    const [output] = calls('FusedBatchNormV3', settings, [input, gamma, beta, mean, variance], 6);
    return { output, saved: [input, mean, variance] };
  },
  normalizeGradient: (gradient, [input, mean, variance, third], { gamma, epsilon }, moments) => {
    const settings = normSettings(epsilon, moments === 'batch');
    const operands = [gradient, input, gamma, mean, variance, third ?? tf.tensor1d([])];
    const [back, gammaGradient, betaGradient] = calls('FusedBatchNormGradV3', settings, operands, 5);
    return { input: back, gamma: gammaGradient, beta: betaGradient };
  },

  globalAveragePool: (map) => call('Mean', { keep_dims: flag(false), Tidx: type('int32') }, [map, sizes([1, 2])]),
  globalAveragePoolGradient: (gradient, [pictures, height, width, channels]) => {
    const each = tf.reshape(tf.div(gradient, height * width), [pictures, 1, 1, channels]);
    return call('BroadcastTo', { Tidx: type('int32') }, [each, sizes([pictures, height, width, channels])]);
  },

  dense: (input, weights, bias) => call('BiasAdd', LAYOUT, [product(input, weights), bias]),
  denseInputGradient: (gradient, weights) => product(gradient, weights, { second: true }),
  denseWeightsGradient: (input, gradient) => product(input, gradient, { first: true }),
  denseBiasGradient: (gradient) => call('BiasAddGrad', LAYOUT, [gradient]),

  optimizer: nativeOptimizer,
};

const LAYOUT: Attributes = { data_format: text('NHWC') };

function normSettings(epsilon: number, training: boolean): Attributes {
  return { U: type('float32'), epsilon: float(epsilon), is_training: flag(training), ...LAYOUT };
}

function windowOf({ kernel, stride }: Window): Attributes {
  const around = kernel === 3 ? 1 : 0;
  const attributes = windowAttributes([stride, stride], [around, around, around, around]);
  return { ...attributes, dilations: integers([1, 1, 1, 1]) };
}

function inputShape({ shape: [pictures, height, width] }: tf.Tensor4D, stride: number, channels: number): number[] {
  return [pictures, height * stride, width * stride, channels];
}

/** Pixels (2i, 2j). */
function everySecond(map: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D {
  if (stride === 1) return map;
  const settings = { Index: type('int32') };
  return call('StridedSlice', settings, [map, sizes([0, 0, 0, 0]), sizes(map.shape), sizes([1, 2, 2, 1])]);
}

const sizes = (numbers: readonly number[]) => tf.tensor1d(Int32Array.from(numbers), 'int32');

function finish(map: tf.Tensor4D, merged: Parameters<TrainingOps['convolution']>[3]): tf.Tensor4D {
  if (merged === undefined) return map;
  const sum = call<tf.Tensor4D>('BiasAdd', LAYOUT, [map, merged.bias]);
  switch (merged.activation) {
    case 'linear':
      return sum;
    case 'relu':
      return call('Relu', {}, [sum]);
    case 'relu6':
      return call('Relu6', {}, [sum]);
  }
}

function product(a: tf.Tensor2D, b: tf.Tensor2D, turned: { first?: boolean; second?: boolean } = {}): tf.Tensor2D {
  const settings = { transpose_a: flag(turned.first === true), transpose_b: flag(turned.second === true) };
  return call('MatMul', settings, [a, b]);
}

function call<T extends tf.Tensor>(operation: string, settings: Attributes, operands: readonly tf.Tensor[]): T {
  const native = nativeBackend();
  const [answer] = native.execute(operation, { T: type('float32'), ...settings }, operands);
  return native.tensor<T>(answer);
}

function calls(operation: string, settings: Attributes, operands: readonly tf.Tensor[], outputs: number): tf.Tensor[] {
  const native = nativeBackend();
  const answers = native.execute(operation, { T: type('float32'), ...settings }, operands, outputs);
  return answers.map((answer) => native.tensor(answer));
}

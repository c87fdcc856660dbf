import type { QuantizationParameters } from '@graft/tensor';

import type { TfliteQuantization } from './tflite-model';

/** Smallest and largest real value. */
export interface RealRange {
  readonly min: number;
  readonly max: number;
}

/** A byte of ours is this much more than the signed byte of TFLite. */
export const BYTE_SHIFT = 128;

/** Softmax, sigmoid and tanh of TFLite have no other encodings of their answers. */
export const PROBABILITY_ENCODING: QuantizationParameters = { scale: 1 / 256, zeroPoint: -BYTE_SHIFT };
export const TANH_ENCODING: QuantizationParameters = { scale: 1 / 128, zeroPoint: 0 };

/** The encoding of TFLite for bytes of ours. A zero point of a half is rounded as the padding byte is; biases make up for it. */
export function signedEncoding({ scale, zeroPoint }: QuantizationParameters): QuantizationParameters {
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(zeroPoint))) - BYTE_SHIFT };
}

/** All 256 steps over the range, which is widened to hold 0; a range of nothing becomes 0 … 1. */
export function encodingOf(range: RealRange): QuantizationParameters {
  const min = Math.min(range.min, 0);
  const max = Math.max(range.max, 0);
  const scale = (max > min ? max - min : 1) / 255;
  return { scale, zeroPoint: Math.round(-min / scale) - BYTE_SHIFT };
}

export const perTensor = ({ scale, zeroPoint }: QuantizationParameters): TfliteQuantization => ({
  scales: [scale],
  zeroPoints: [zeroPoint],
});

/** Symmetric, one scale for each place along `axis`. */
export const perChannel = (scales: Float64Array, axis: number): TfliteQuantization => ({
  scales,
  zeroPoints: new Uint8Array(scales.length),
  axis,
});

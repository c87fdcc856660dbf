import type { Activation } from '@graft/model';
import type { QuantizationParameters } from '@graft/tensor';

import type { Range } from './range-observer';

/**
 * The real range which the 256 bytes of a layer's output cover. Of ReLU and ReLU6 it is the activation: the clamp to a
 * byte. What a sigmoid or a tanh answers is known beforehand.
 */
export function outputRange(activation: Activation, measured: Range): Range {
  switch (activation) {
    case 'sigmoid':
      return { min: 0, max: 1 };
    case 'tanh':
      // 1/127 a step around byte 128, so that −1, 0 and 1 are bytes.
      return { min: -128 / 127, max: 1 };
    case 'relu6':
      return { min: 0, max: measured.max > 0 ? Math.min(measured.max, 6) : 6 };
    case 'relu':
      return { min: 0, max: measured.max > 0 ? measured.max : 1 };
    default: {
      // Real 0 must be a byte: it is what the next layer pads with.
      const min = Math.min(measured.min, 0);
      const max = Math.max(measured.max, 0);
      return max > min ? { min, max } : { min: 0, max: 1 };
    }
  }
}

/** Whole zero point: the next layer can pad with it exactly. */
export function encodingOf(range: Range): QuantizationParameters {
  const scale = (range.max - range.min) / 255;
  return { scale, zeroPoint: range.min === 0 ? 0 : Math.round(-range.min / scale) };
}

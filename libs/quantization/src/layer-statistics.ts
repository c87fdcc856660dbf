import type { QuantizationParameters } from '@graft/tensor';

import type { Range } from './range-observer';

/** Parts of the histograms. */
export const HISTOGRAM_PARTS = 24;

/** What quantization did to one layer, measured on calibration pictures. */
export interface LayerStatistics {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise' | 'dense';
  /** Smallest and largest output value seen, after activation. */
  readonly observed: Range;
  /** Shares of all values in equal parts of `observed`. */
  readonly histogram: readonly number[];
  /** What the output bytes 0 … 255 cover, of stretched values where channels have scales of their own. */
  readonly range: Range;
  /** Share of output values outside `range`: they are clipped. */
  readonly saturatedShare: number;
  readonly weightScales: WeightScaleSpread;
  /** In output steps: how far the biases were moved. */
  readonly biasCorrection: { readonly mean: number; readonly largest: number };
  /** Largest distance of an output byte from the exact activation, in output steps. Rounding alone costs 0.5. */
  readonly activationError: number;
  /** Signal-to-noise ratio of the dequantized output against the float network's, in dB. */
  readonly snrDb: number;
}

export interface WeightScaleSpread {
  /** Of channels with any weight left. */
  readonly smallest: number;
  readonly largest: number;
  /** Channels whose weights are all zero. */
  readonly deadChannels: number;
}

export function weightScaleSpread(scales: Float64Array): WeightScaleSpread {
  const live = scales.filter((scale) => scale > 0);
  return {
    smallest: live.length === 0 ? 0 : live.reduce((a, b) => Math.min(a, b)),
    largest: live.reduce((a, b) => Math.max(a, b), 0),
    deadChannels: scales.length - live.length,
  };
}

/** Mean and largest movement of a bias, in steps of the output. */
export function correctionSize(errors: Float64Array, scale: number) {
  const steps = errors.map((error) => Math.abs(error) / scale);
  return { mean: steps.reduce((a, b) => a + b, 0) / steps.length, largest: steps.reduce((a, b) => Math.max(a, b), 0) };
}

/**
 * 10 · log₁₀(Σ float² / Σ (float − quantized)²) over all pictures. Infinite when both are equal everywhere. `factors`:
 * what each channel of the bytes is stretched by.
 */
export function signalToNoise(
  float: readonly Float32Array[],
  bytes: readonly Uint8Array[],
  { scale, zeroPoint }: QuantizationParameters,
  factors: Float64Array,
): number {
  let signal = 0;
  let noise = 0;
  float.forEach((values, picture) => {
    const others = bytes[picture];
    const area = values.length / factors.length;
    factors.forEach((factor, channel) => {
      const step = scale / factor;
      for (let index = channel * area; index < (channel + 1) * area; index++) {
        const error = values[index] - (others[index] - zeroPoint) * step;
        signal += values[index] ** 2;
        noise += error ** 2;
      }
    });
  });
  return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
}

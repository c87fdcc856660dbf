import type { BatchNormEntry } from '@graft/kmodel';

import { TABLE_END } from './activation-table';
import { sumTooLarge } from './errors';

/** The chip's sums have 36 bits with sign. */
const SUM_LIMIT = 2 ** 35;

/** Whole numbers, both ends included. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What the sums of a layer can be, over all channels and pictures. */
export interface ProvenBounds {
  /** Before the batch norm. */
  readonly convolution: Interval;
  /** After it, where the activation table begins. */
  readonly batchNorm: Interval;
}

/** Sums of (weight − zero point) of one output channel over its weights above and below the zero point. */
export interface WeightSums {
  readonly positive: number;
  /** As a positive number. */
  readonly negative: number;
}

/** What the chip's convolution differs by from Σ(weight − zero point)(byte − pad value). */
export interface ChipError {
  /** In every pixel; 0 or more. */
  readonly constant: number;
  /** In some pixels in addition: a shift rounds down a half. */
  readonly half: boolean;
}

/**
 * The convolution of one channel with every input byte free in 0 … 255. Both ends occur: a picture that is 255 where
 * weights are above their zero point and 0 below it reaches the upper one, its negative the lower one. Padding reads
 * the pad value, which adds nothing, so the border reaches no further.
 */
export function convolutionBounds({ positive, negative }: WeightSums, padValue: number, error: ChipError): Interval {
  const high = positive * (255 - padValue) + negative * padValue;
  const low = -negative * (255 - padValue) - positive * padValue;
  return { low: Math.ceil(low - error.constant - (error.half ? 0.5 : 0)) + 0, high: Math.floor(high - error.constant) };
}

/** ((sum · multiplier) >> shift) + add, of which products can have 57 bits. */
export function batchNormBounds({ low, high }: Interval, { multiplier, shift, add }: BatchNormEntry): Interval {
  const after = (sum: number) => Number((BigInt(sum) * BigInt(multiplier)) >> BigInt(shift)) + add;
  const ends = [after(low), after(high)];
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

/**
 * Interval arithmetic over all channels: no sum leaves the chip's 36 bits or reaches the end of the activation table,
 * whatever the picture. @throws GraftError E312
 */
export function provenBounds(
  layer: string,
  channels: readonly Interval[],
  batchNorm: readonly BatchNormEntry[],
): ProvenBounds {
  const normed = channels.map((sums, channel) => {
    const furthest = Math.max(sums.high, -sums.low);
    if (!(sums.low >= -SUM_LIMIT && sums.high < SUM_LIMIT)) throw sumTooLarge(layer, channel, 'convolution', furthest);
    const after = batchNormBounds(sums, batchNorm[channel]);
    if (!(after.low >= -SUM_LIMIT && after.high < TABLE_END))
      throw sumTooLarge(layer, channel, 'batch norm', Math.max(after.high, -after.low));
    return after;
  });
  return { convolution: hull(channels), batchNorm: hull(normed) };
}

function hull(intervals: readonly Interval[]): Interval {
  return intervals.reduce((all, { low, high }) => ({ low: Math.min(all.low, low), high: Math.max(all.high, high) }));
}

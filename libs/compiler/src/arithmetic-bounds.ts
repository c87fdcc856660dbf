import type { BatchNormEntry } from '@graft/kmodel';

import { TABLE_END } from './activation-table';
import type { WeightSums } from './assign-arithmetic';
import { sumTooLarge } from './errors';
import type { KpuLayer } from './kpu-program';

/** The chip's sums have 36 bits with sign. */
const SUM_LIMIT = 2 ** 35;

/**
 * Interval arithmetic: with every input byte free in 0 … 255, no sum of this layer leaves the chip's 36 bits nor reaches
 * the end of the activation table. @throws GraftError E312
 */
export function provenBounds(
  layer: KpuLayer,
  padValue: number,
  sums: readonly WeightSums[],
  batchNorm: readonly BatchNormEntry[],
): void {
  sums.forEach(({ positive, negative }, channel) => {
    // One unit on either side for the chip's rounding of half zero points, per input channel in the worst case.
    const slack = layer.input.channels;
    const high = positive * (255 - padValue) + negative * padValue + slack;
    const low = -(negative * (255 - padValue) + positive * padValue) - slack;
    const furthest = Math.max(high, -low);
    if (!(furthest < SUM_LIMIT)) throw sumTooLarge(layer.name, channel, 'convolution', furthest);
    const { multiplier, shift, add } = batchNorm[channel];
    const highest = Math.floor((high * multiplier) / 2 ** shift) + add;
    const lowest = Math.floor((low * multiplier) / 2 ** shift) + add;
    if (!(highest < TABLE_END && lowest >= -SUM_LIMIT))
      throw sumTooLarge(layer.name, channel, 'batch norm', Math.max(highest, -lowest));
  });
}

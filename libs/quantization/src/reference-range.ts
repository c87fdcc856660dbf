import type { Range } from './range-observer';

/** nncase 0.1 takes larger values for accidents and leaves them aside. */
const LARGEST_PLAUSIBLE = 100;

/** Share that each picture after the first has in the reference's moving range. */
const NEWS = 0.01;

/** `all` if nothing in it is larger than 100 on either side, else the range of the values that are not. */
export function plausibleRange(values: Float32Array, all: Range): Range | undefined {
  if (all.max <= LARGEST_PLAUSIBLE && all.min >= -LARGEST_PLAUSIBLE) return all;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Math.abs(value) > LARGEST_PLAUSIBLE) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? undefined : { min, max };
}

/**
 * The range that nncase 0.1 makes of its calibration pictures, in their order: the first sets it, each later one moves
 * it by a hundredth. A range without a width gets 1 on either side; without any value it is −6 … 6.
 */
export function referenceRange(pictures: readonly (Range | undefined)[]): Range {
  const [first, ...others] = pictures.filter((range) => range !== undefined);
  if (first === undefined) return { min: -6, max: 6 };
  const { min, max } = others.reduce(
    (moving, { min: low, max: high }) => ({
      min: (1 - NEWS) * moving.min + NEWS * low,
      max: (1 - NEWS) * moving.max + NEWS * high,
    }),
    first,
  );
  return min === max ? { min: min - 1, max: max + 1 } : { min, max };
}

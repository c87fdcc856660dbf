import type { ActivationSegment } from '@graft/kmodel';

/**
 * Output bytes per batch-norm unit are 1023 / 2^20. Odd, so that a sum can never lie half-way between two bytes: with an
 * odd multiplier that takes a value of 2^19 or more, where the output is 255 long since. So it does not matter how a
 * chip or a simulator rounds ties.
 */
const OUTPUT_MULTIPLIER = 1023;
const OUTPUT_SHIFT = 20;

/** One output byte in batch-norm units: about 1025. */
export const UNITS_PER_BYTE = 2 ** OUTPUT_SHIFT / OUTPUT_MULTIPLIER;

/** Sums from here on would meet the filler segments at the end of the table, which answer 0. */
export const TABLE_END = 2 ** 35 - 16;

/** First starts of the reference compiler's table, as 36-bit words; any ascending numbers below 0 would do. */
const FILLER_WORDS = [
  0x800000000, 0xf7d4cf4b8, 0xf8ed5a20c, 0xfa05e4f60, 0xfb2e05baa, 0xfc46908fe, 0xfd5f1b652, 0xfe77a63a6, 0xff9fc6ff0,
  0xfffd4a9b7,
];

/**
 * byte = clamp(round(sum · 1023 / 2^20), 0, 255) for sums from 0 on, and 0 below: with the zero point inside the sum this
 * is the linear activation, and with a range that starts at 0 (and ends at 6) it is ReLU (ReLU6).
 */
export const CLAMPING_TABLE: readonly ActivationSegment[] = [
  ...FILLER_WORDS.map((word) => constantFrom(word - 2 ** 36)),
  { start: 0, multiplier: OUTPUT_MULTIPLIER, shift: OUTPUT_SHIFT, bias: 0 },
  ...[0, 1, 2, 3, 4].map((index) => constantFrom(TABLE_END + index)),
];

function constantFrom(start: number): ActivationSegment {
  return { start, multiplier: 0, shift: 0, bias: 0 };
}

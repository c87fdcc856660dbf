/** From `start` on: byte = clamp(round((sum − start) · multiplier / 2^shift) + bias, 0, 255). All are whole numbers. */
export interface TableSegment {
  readonly start: number;
  /** Odd and below 2^15, or 0: a constant. */
  readonly multiplier: number;
  /** 20; 0 of a constant. */
  readonly shift: number;
  /** 0 … 255 */
  readonly bias: number;
}

/** An activation as the chip has it: lines between whole sums, with a whole byte where each begins. */
export interface ActivationTable {
  /** Real value of 1 in a sum; a sum of 0 is real 0. */
  readonly unit: number;
  /** At most 16, ascending. The first one starts at {@link LOWEST_START}; it and the last one are constant. */
  readonly segments: readonly TableSegment[];
  /** Largest distance of a byte from the exact function, in output steps, over all sums. Rounding alone costs 0.5. */
  readonly error: number;
}

export const MOST_SEGMENTS = 16;
/** Below everything that the chip's sums of 36 bits hold. */
export const LOWEST_START = -(2 ** 35);
/** The largest shift at which all simulators of the chip agree, so the finest multipliers. */
export const LINE_SHIFT = 20;

export function constantFrom(start: number, bias: number): TableSegment {
  return { start, multiplier: 0, shift: 0, bias };
}

/** The byte for a sum; halves, which no table of ours meets, go up. */
export function tableByte(segments: readonly TableSegment[], sum: number): number {
  const { start, multiplier, shift, bias } = segments[segmentAt(segments, sum)];
  const byte = Math.floor(((sum - start) * multiplier) / 2 ** shift + 0.5) + bias;
  return Math.min(255, Math.max(0, byte));
}

/** Bytes that one more in a sum adds, roundings left aside; 0 where the byte is clamped. */
export function tableSlope(segments: readonly TableSegment[], sum: number): number {
  const { start, multiplier, shift, bias } = segments[segmentAt(segments, sum)];
  const slope = multiplier / 2 ** shift;
  const place = (sum - start) * slope + bias;
  return place > 0 && place < 255 ? slope : 0;
}

/** The last segment that has started, by halving. */
function segmentAt(segments: readonly TableSegment[], sum: number): number {
  let low = 0;
  let high = segments.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (segments[middle].start <= sum) low = middle;
    else high = middle;
  }
  return low;
}

import type { ActivationSegment, BatchNormEntry } from '@graft/kmodel';

/** How a tie of the activation is rounded: `A` away from zero (upwards), `B` to even. */
export type Rounding = 'A' | 'B';

/**
 * From the sum of a convolution to a byte, in exact integers. This is the definition; `finish.ts` does the same in
 * doubles. docs/formats/kmodel-v3.md, "What a convolution computes".
 */
export function finishExactly(
  convolution: bigint,
  norm: BatchNormEntry,
  table: readonly ActivationSegment[],
  rounding: Rounding,
): number {
  const normed = ((convolution * BigInt(norm.multiplier)) >> BigInt(norm.shift)) + BigInt(norm.add);
  const { start, multiplier, shift, bias } = table[segmentOf(normed, table, rounding)];
  const scaled = (normed - BigInt(start)) * BigInt(multiplier);
  const value = roundingShift(scaled, shift, rounding) + BigInt(bias);
  return value < 0n ? 0 : value > 255n ? 255 : Number(value);
}

/** The last segment that starts at or (variant B) before the value; the first one if there is none. */
function segmentOf(value: bigint, table: readonly ActivationSegment[], rounding: Rounding): number {
  const reached = rounding === 'A' ? (start: bigint) => start <= value : (start: bigint) => start < value;
  return Math.max(
    0,
    table.findLastIndex(({ start }) => reached(BigInt(start))),
  );
}

/** value / 2^shift, rounded to nearest. Below zero both simulators are odd; what they do is repeated here. */
export function roundingShift(value: bigint, shift: number, rounding: Rounding): bigint {
  if (shift === 0) return value;
  return rounding === 'A' ? roundUp(value, BigInt(shift)) : roundToEven(value, BigInt(shift));
}

function roundUp(value: bigint, shift: bigint): bigint {
  const doubled = value >> (shift - 1n);
  const whole = doubled >> 1n;
  if ((doubled & 1n) === 0n) return whole;
  return doubled < 0n ? whole - 1n : whole + 1n;
}

function roundToEven(value: bigint, shift: bigint): bigint {
  const whole = value >> shift;
  const rest = value - (whole << shift);
  const half = 1n << (shift - 1n);
  const away = rest > half || (rest === half && (whole & 1n) === 1n);
  if (!away) return whole;
  return value < 0n ? whole - 1n : whole + 1n;
}

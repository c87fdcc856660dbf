/**
 * The arithmetic of TFLite's reference kernels in whole numbers, written from their description (gemmlowp, "Low-precision matrix
 * multiplication"; TFLite's quantization specification), apart from everything that writes files.
 */

/** A real multiplier as TFLite has it: a whole number of 2⁻³¹ in [½, 1), and a power of two. */
export function fixedPoint(real: number): { readonly multiplier: bigint; readonly shift: number } {
  if (real === 0) return { multiplier: 0n, shift: 0 };
  let shift = Math.ceil(Math.log2(real));
  if (real / 2 ** shift >= 1) shift++;
  const multiplier = Math.round((real / 2 ** shift) * 2 ** 31);
  return multiplier === 2 ** 31
    ? { multiplier: 1n << 30n, shift: shift + 1 }
    : { multiplier: BigInt(multiplier), shift };
}

/** sum · multiplier · 2^shift: first the high half of the doubled product, rounded; then a rounding shift to the right. */
export function scaled(sum: number, { multiplier, shift }: ReturnType<typeof fixedPoint>): number {
  const product = (BigInt(sum) << BigInt(Math.max(shift, 0))) * multiplier;
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  const high = Number((product + nudge) / (1n << 31n));
  const right = Math.max(-shift, 0);
  const floor = Math.floor(high / 2 ** right);
  const rest = high - floor * 2 ** right;
  const threshold = Math.floor((2 ** right - 1) / 2) + (high < 0 ? 1 : 0);
  return floor + (right > 0 && rest > threshold ? 1 : 0);
}

/** Half away from zero. */
export const rounded = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

export const toInt8 = (value: number): number => Math.min(127, Math.max(-128, value));

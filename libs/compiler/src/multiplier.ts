/** A real factor as the KPU has it: multiplier / 2^shift. */
export interface FixedPoint {
  readonly multiplier: number;
  readonly shift: number;
}

/** Both reference compilers keep the 24-bit field to 22 bits with sign. */
const MULTIPLIER_LIMIT = 2 ** 21;
const MAX_SHIFT = 15;

/** The largest shift whose multiplier still fits, so that no bit is given away; undefined when the factor is too large. */
export function fixedPoint(factor: number): FixedPoint | undefined {
  if (factor === 0) return { multiplier: 0, shift: 0 };
  for (let shift = MAX_SHIFT; shift >= 0; shift--) {
    const multiplier = Math.round(factor * 2 ** shift);
    if (Math.abs(multiplier) < MULTIPLIER_LIMIT) return { multiplier, shift };
  }
  return undefined;
}

import type { HalfAxis } from './half-axis';
import type { Range, RangeObserver } from './range-observer';

const STEPS = 255;
/** Ends are tried at this many places between a quarter of the observed end and all of it. */
const PLACES = 96;

/**
 * The range whose rounding and clipping errors together have the smallest mean square, found on the histogram: both
 * ends shrunk alike first, then each on its own.
 */
export function mseRange({ observed, negative, positive }: RangeObserver): Range {
  const errorOf = (range: Range): number => squaredErrors(positive, range, 1) + squaredErrors(negative, range, -1);
  const shrunk = (min: number, max: number): Range => ({ min: Math.min(0, min), max: Math.max(0, max) });
  const best = (of: (share: number) => Range): Range => {
    const candidates = Array.from({ length: PLACES + 1 }, (_, place) => of(1 - (0.75 * place) / PLACES));
    const errors = candidates.map(errorOf);
    return candidates[errors.indexOf(Math.min(...errors))];
  };
  const whole = shrunk(observed.min, observed.max);
  if (!(whole.max > whole.min)) return observed;
  const both = best((share) => shrunk(whole.min * share, whole.max * share));
  if (whole.min === 0 || whole.max === 0) return both;
  const upper = best((share) => ({ min: both.min, max: whole.max * share }));
  return best((share) => ({ min: whole.min * share, max: upper.max }));
}

/** Summed over one half axis, every value taken in the middle of its bin. */
function squaredErrors({ occupied, width }: HalfAxis, { min, max }: Range, sign: 1 | -1): number {
  const step = (max - min) / STEPS;
  const end = sign === 1 ? max : -min;
  let sum = 0;
  for (let bin = 0; bin < occupied.length; bin++) {
    const value = (bin + 0.5) * width;
    const error = value > end ? value - end : value - Math.round(value / step) * step;
    sum += occupied[bin] * error * error;
  }
  return sum;
}

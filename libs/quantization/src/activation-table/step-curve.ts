import type { QuantizationParameters } from '@graft/tensor';

import { LINE_SHIFT } from './activation-table';
import type { Curve } from './curve';

/** Live sums span about so many units: fine against a byte, coarse enough for multipliers of many bits. */
const LIVE_UNITS = 2 ** 18;
/**
 * Of a curve that falls first. Simulators disagree about a sum that is exactly where a falling step begins. With finer
 * units a compiler has room to keep all sums off these places.
 */
const LIVE_UNITS_OF_FALLING = 2 ** 21;
/** The steepest slope of all activations here, 1.5 (hard swish at 3), keeps its multiplier below 2^15. */
const LARGEST_MULTIPLIER = 21_845;
/** How far a knot may lie beside the curve, in output steps: half a step and more would round to another byte. */
const OFFSETS = [-0.5, -0.25, 0, 0.25, 0.5];

/** A sum is a whole number, so that no knot lies exactly on the curve. */
const NEAR = 0.1;

/** Where a line may begin: a whole sum that answers a whole byte, near the rising branch. */
export interface Knot {
  readonly level: number;
  readonly sum: number;
  /** level − exact value, in output steps. */
  readonly offset: number;
}

/** A curve in output steps over whole sums. */
export interface StepCurve {
  /** Real value of 1 in a sum. */
  readonly unit: number;
  /** Value in output steps; not clamped. */
  at(sum: number): number;
  /** Sums (not whole) where the distance from a line that rises by `slope` steps per unit can be largest. */
  extremes(slope: number): number[];
  /** Clamped to a byte's 0 … 255, not rounded. */
  readonly left: number;
  readonly right: number;
  /** Clamped, where the curve begins to rise: its lowest value there is. */
  readonly bottom: number;
  /** Sum on the falling branch where the curve has this many steps. */
  fallingSum(steps: number): number;
  /** Candidates, ascending by level. */
  readonly knots: readonly Knot[];
  /** Those that lie on the curve but for the rounding of the sum, by level; there is not one for each. */
  readonly onCurve: readonly (Knot | undefined)[];
}

export function stepCurve(curve: Curve, { scale, zeroPoint }: QuantizationParameters): StepCurve {
  const steps = (y: number) => y / scale + zeroPoint;
  const left = clamp(steps(curve.left));
  const right = clamp(steps(curve.right));
  const bottom = curve.lowest === undefined ? left : clamp(steps(curve.lowest.y));
  const reals = risingPoints(curve, { scale, zeroPoint }, bottom, right);
  const xs = reals.map(({ x }) => x);
  const unit =
    curve.lowest === undefined
      ? unitOf(xs, scale, LIVE_UNITS)
      : unitOf([...xs, curve.lowest.x], scale, LIVE_UNITS_OF_FALLING);
  const at = (sum: number) => steps(curve.value(sum * unit));
  const knots = reals.map(({ x, level }) => {
    const sum = Math.round(x / unit);
    return { level, sum, offset: level - at(sum) };
  });
  return {
    unit,
    at,
    extremes: (slope) => curve.extremes((slope * scale) / unit).map((x) => x / unit),
    left,
    right,
    bottom,
    fallingSum: (value) => curve.fallingInverse((value - zeroPoint) * scale) / unit,
    knots,
    onCurve: Array.from({ length: 256 }, (_, level) =>
      knots.find((knot) => knot.level === level && Math.abs(knot.offset) < NEAR),
    ),
  };
}

function risingPoints(curve: Curve, { scale, zeroPoint }: QuantizationParameters, bottom: number, right: number) {
  const points: { readonly level: number; readonly x: number }[] = [];
  for (let level = Math.floor(bottom); level <= Math.ceil(right); level++) {
    for (const offset of OFFSETS) {
      const x = curve.inverse((level + offset - zeroPoint) * scale);
      if (Number.isFinite(x)) points.push({ level, x });
    }
  }
  return points;
}

/**
 * A line that rises by one step per output step gets a whole, odd multiplier, so that straight parts of an activation
 * lose nothing.
 */
function unitOf(live: readonly number[], scale: number, units: number): number {
  const width = live.reduce((a, b) => Math.max(a, b)) - live.reduce((a, b) => Math.min(a, b));
  const multiplier = (width / units / scale) * 2 ** LINE_SHIFT;
  return (scale * Math.min(LARGEST_MULTIPLIER, nearestOdd(multiplier))) / 2 ** LINE_SHIFT;
}

function nearestOdd(value: number): number {
  return 2 * Math.floor(value / 2) + 1;
}

export function clamp(steps: number): number {
  return Math.min(255, Math.max(0, steps));
}

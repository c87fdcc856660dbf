import { constantFrom, LOWEST_START, type TableSegment } from './activation-table';
import type { StepCurve } from './step-curve';

/**
 * Levels, highest first, that stand for the part of a curve before it rises, the last one being the level where the
 * rise begins. The chip has no falling lines (it rounds negative products in odd ways), so there is a constant for each.
 */
export interface FallingSteps {
  readonly levels: readonly number[];
  /** Largest distance from the curve before the rise, in output steps. */
  readonly error: number;
}

/** `count` constants beside the last one. */
export function fallingSteps({ left, bottom }: StepCurve, last: number, count: number): FallingSteps {
  const top = Math.round(left);
  const drop = Math.max(0, top - last);
  const end = Math.abs(last - bottom);
  if (count === 0) return { levels: [last], error: Math.max(end, Math.abs(last - left)) };
  // Half a step height above and below each constant: the first one may lie below the curve by as much.
  const share = drop / (count + 0.5);
  const first = top - Math.floor(share / 2);
  const levels = Array.from({ length: count + 1 }, (_, index) => Math.round(first + ((last - first) * index) / count));
  const heights = levels.slice(1).map((level, index) => (levels[index] - level) / 2);
  return { levels, error: Math.max(end, Math.abs(first - left), ...heights) };
}

/** Each constant ends where the curve is half-way to the next one. */
export function fallingSegments(curve: StepCurve, { levels }: FallingSteps): TableSegment[] {
  return levels.map((level, index) => {
    if (index === 0) return constantFrom(LOWEST_START, level);
    return constantFrom(Math.round(curve.fallingSum((levels[index - 1] + level) / 2)), level);
  });
}

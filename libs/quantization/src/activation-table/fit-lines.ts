import { LINE_SHIFT, type TableSegment } from './activation-table';
import type { Knot, StepCurve } from './step-curve';

/** A line with an odd multiplier meets its first half-way sum 2^19 after its start. */
const LONGEST_LINE = 2 ** (LINE_SHIFT - 1);
const LARGEST_MULTIPLIER = 2 ** 15 - 1;
const UNREACHABLE = Number.POSITIVE_INFINITY;
const { abs, floor } = Math;

/** Chains of lines from each knot to the end of the rise, the best one for every number of lines. */
export interface LineFits {
  /** Largest distance from the curve in output steps, of the best chain of `lines` lines from this knot; may be infinite. */
  error(lines: number, knot: number): number;
  /** Knots of that chain, the first and the last one included. */
  chain(lines: number, knot: number): Knot[];
}

/**
 * Dynamic programming over `knots`, from the end of the rise backwards: the best chain of n lines from a knot goes on,
 * after its first line, with the best chain of n − 1 lines from there. So among all chains of the candidate knots the
 * largest distance from the curve is the least that there is. Lines further from the curve than `limit` are left out.
 */
export function fitLines(curve: StepCurve, knots: readonly Knot[], mostLines: number, limit: number): LineFits {
  const costs = lineCosts(curve, knots, limit);
  const errors = [Float64Array.from(knots, ({ level, offset }) => restError(curve, level, offset))];
  const next: Int32Array[] = [new Int32Array(knots.length).fill(-1)];
  for (let lines = 1; lines <= mostLines; lines++) {
    const before = errors[lines - 1];
    const best = new Float64Array(knots.length);
    const follower = new Int32Array(knots.length).fill(-1);
    for (let from = 0; from < knots.length; from++) {
      const row = from * knots.length;
      let least = UNREACHABLE;
      for (let to = from + 1; to < knots.length; to++) {
        const cost = costs[row + to];
        const error = cost > before[to] ? cost : before[to];
        if (error < least) {
          least = error;
          follower[from] = to;
        }
      }
      best[from] = least;
    }
    errors.push(best);
    next.push(follower);
  }
  return {
    error: (lines, knot) => errors[lines][knot],
    chain: (lines, knot) => {
      const chain = [knots[knot]];
      for (let left = lines, at = knot; left > 0; left--) {
        at = next[left][at];
        chain.push(knots[at]);
      }
      return chain;
    },
  };
}

/** What staying at this level from the knot on costs. */
function restError({ right }: StepCurve, level: number, offset: number): number {
  return Math.max(Math.abs(offset), Math.abs(level - right));
}

/** [from][to]: largest distance of the line between two knots from the curve. */
function lineCosts(curve: StepCurve, knots: readonly Knot[], limit: number): Float64Array {
  const costs = new Float64Array(knots.length ** 2).fill(UNREACHABLE);
  knots.forEach((from, index) => {
    for (let to = index + 1; to < knots.length; to++) {
      costs[index * knots.length + to] = lineError(curve, from, knots[to], limit);
    }
  });
  return costs;
}

/** Odd multiplier of the line between two knots; undefined where the chip has none. */
function multiplierOf(from: Knot, to: Knot): number | undefined {
  const width = to.sum - from.sum;
  if (to.level <= from.level || width < 1 || width >= LONGEST_LINE) return undefined;
  const multiplier = 2 * floor(((to.level - from.level) * LONGEST_LINE) / width) + 1;
  return multiplier > LARGEST_MULTIPLIER ? undefined : multiplier;
}

function larger(a: number, b: number): number {
  return a > b ? a : b;
}

function lineError(curve: StepCurve, from: Knot, to: Knot, limit: number): number {
  const multiplier = multiplierOf(from, to);
  if (multiplier === undefined) return UNREACHABLE;
  const slope = multiplier / 2 ** LINE_SHIFT;
  // Most lines are too far from the curve half-way already.
  const middle = curve.onCurve[(from.level + to.level) >> 1];
  if (middle !== undefined && abs(from.level + (middle.sum - from.sum) * slope - middle.level + middle.offset) > limit)
    return UNREACHABLE;
  const end = from.level + (to.sum - from.sum) * slope;
  let error = larger(abs(from.offset), abs(end - to.level + to.offset));
  for (const sum of curve.extremes(slope)) {
    if (sum <= from.sum || sum >= to.sum) continue;
    error = larger(error, abs(from.level + (sum - from.sum) * slope - curve.at(sum)));
  }
  return error;
}

/** The lines of a chain; the constant behind the last knot is not among them. */
export function linesOf(chain: readonly Knot[]): TableSegment[] {
  return chain.slice(0, -1).map((from, index) => {
    const multiplier = multiplierOf(from, chain[index + 1]);
    if (multiplier === undefined) throw new Error('internal: a line that the chip cannot draw');
    return { start: from.sum, multiplier, shift: LINE_SHIFT, bias: from.level };
  });
}

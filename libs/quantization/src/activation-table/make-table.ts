import { activationName, isClamping, type Activation } from '@graft/model';
import type { QuantizationParameters } from '@graft/tensor';

import { tableTooCoarse } from '../errors';
import { constantFrom, MOST_SEGMENTS, type ActivationTable } from './activation-table';
import { curveOf } from './curve';
import { fallingSegments, fallingSteps, type FallingSteps } from './falling-steps';
import { fitLines, linesOf } from './fit-lines';
import { stepCurve, type Knot, type StepCurve } from './step-curve';
import { tableError } from './table-error';

/** 3 % of the output range. A table that is further off does more harm than good. */
const LARGEST_ERROR = 8;
/** A line is rounded to bytes; constants are bytes. */
const LINE_ROUNDING = 0.5;
/** Errors that differ by less count as equal: fewer segments are preferred then. */
const NO_MATTER = 0.01;

/**
 * The table of an activation whose output bytes are encoded so; undefined for activations that the clamp to a byte does.
 * @throws GraftError E327
 */
export function activationTable(
  layer: string,
  activation: Activation,
  output: QuantizationParameters,
): ActivationTable | undefined {
  if (isClamping(activation)) return undefined;
  const curve = stepCurve(curveOf(activation), output);
  const fit = bestFit(curve);
  if (fit === undefined) throw tableTooCoarse(layer, activationName(activation), undefined, LARGEST_ERROR);
  const { sum, level } = fit.chain[fit.chain.length - 1];
  const segments = [...fallingSegments(curve, fit.falling), ...linesOf(fit.chain), constantFrom(sum, level)];
  const error = tableError(segments, curve);
  if (error > LARGEST_ERROR) throw tableTooCoarse(layer, activationName(activation), error, LARGEST_ERROR);
  return { unit: curve.unit, segments, error };
}

interface Fit {
  readonly error: number;
  readonly falling: FallingSteps;
  readonly chain: readonly Knot[];
}

/**
 * The best table with knots on the curve shows what is possible; then knots beside the curve are tried as well, and only
 * lines that are no worse than that.
 */
function bestFit(curve: StepCurve): Fit | undefined {
  const onCurve = curve.onCurve.filter((knot) => knot !== undefined);
  const rough = fitWith(curve, onCurve, Number.POSITIVE_INFINITY);
  const limit = (rough?.error ?? Number.POSITIVE_INFINITY) - LINE_ROUNDING;
  return fitWith(curve, curve.knots, limit) ?? rough;
}

/** Shares the segments out between the part before the rise and the rise. */
function fitWith(curve: StepCurve, knots: readonly Knot[], limit: number): Fit | undefined {
  // The constants on the left and on the right are there anyway.
  const free = MOST_SEGMENTS - 2;
  const fits = fitLines(curve, knots, free, limit);
  const leastFalling = fallingFits(curve, free);
  let best: Fit | undefined;
  for (let lines = 1; lines <= free; lines++) {
    for (let knot = 0; knot < knots.length; knot++) {
      const rise = fits.error(lines, knot) + LINE_ROUNDING;
      if (!(rise < Number.POSITIVE_INFINITY) || (best !== undefined && rise >= best.error - NO_MATTER)) continue;
      const falling = leastFalling(knots[knot].level, free - lines);
      const error = Math.max(rise, falling.error);
      if (best === undefined || error < best.error - NO_MATTER)
        best = { error, falling, chain: fits.chain(lines, knot) };
    }
  }
  return best;
}

/** The best way down to each level with at most so many constants, worked out once. */
function fallingFits(curve: StepCurve, most: number): (level: number, constants: number) => FallingSteps {
  const known = new Map<number, FallingSteps[]>();
  const fitsTo = (level: number) => {
    const fits = [fallingSteps(curve, level, 0)];
    for (let count = 1; curve.left > curve.bottom && count < most; count++) {
      const fit = fallingSteps(curve, level, count);
      fits.push(fit.error < fits[count - 1].error ? fit : fits[count - 1]);
    }
    known.set(level, fits);
    return fits;
  };
  return (level, constants) => {
    const fits = known.get(level) ?? fitsTo(level);
    return fits[Math.min(constants, fits.length - 1)];
  };
}

import { matrixProduct } from './matrix-product';
import type { Range } from './range-observer';

/** Passes over the weights of a channel; nearly all changes happen in the first three. */
const SWEEPS = 8;
/** Share of the mean variance of an input that is added to each: keeps the search from fitting chance. */
const RIDGE = 0.02;
/** Few weights can make up for little of each other's errors: there, this many sizes of the step are tried as well. */
const STEP_SIZES = 16;
/** Taps up to which they are. */
const FEW_TAPS = 64;
/** Samples that must be live for a channel to be fitted to them alone. */
const LIVE_SAMPLES = 64;

/** Weights to be rounded, and what the layer reads and should give at sampled pixels. */
export interface RoundingProblem {
  /** Weights rounded to the nearest step, [output][tap]; changed in place. */
  readonly bytes: Uint8Array;
  /** Size of the step, one per output; changed in place. */
  readonly scales: Float64Array;
  readonly zeroPoint: number;
  readonly inputScale: number;
  /** Weights before rounding, [output][tap]. */
  readonly real: Float64Array;
  /** In steps of the input, [tap][sample]. */
  readonly windows: Float32Array;
  /** The float network's values before the activation, [output][sample]. */
  readonly target: Float32Array;
  /** For a single output: the range outside of which (and of a sixth around it) the activation hides all errors. */
  readonly live?: Range | undefined;
}

/**
 * Rounds weights up or down so that the layer's output, not each weight, is as close to the float network's as can be:
 * coordinate descent over the neighbours of every real weight, for the squared error of the sums at the samples. The
 * mean error is left aside; the bias takes it.
 */
export function searchRounding(problem: RoundingProblem): void {
  const { bytes, scales, zeroPoint, inputScale, real } = problem;
  const taps = bytes.length / scales.length;
  const { windows, target } = liveSamples(problem, taps);
  const samples = windows.length / taps;
  const left = centred(windows, samples);
  const right = transposed(left, samples);
  const moments = matrixProduct(left, right, samples);
  const links = matrixProduct(centred(target, samples), right, samples);
  const ridge = RIDGE * meanDiagonal(moments, taps) + Number.MIN_VALUE;
  const sizes = taps <= FEW_TAPS ? STEP_SIZES : 1;
  scales.forEach((nearest, output) => {
    if (nearest === 0) return;
    const own = (values: Float64Array): Float64Array => values.subarray(output * taps, (output + 1) * taps);
    let least = Number.POSITIVE_INFINITY;
    for (let size = 0; size < sizes; size++) {
      // The largest weight becomes 127, 126.5, 126 … steps.
      const scale = (nearest * 254) / (254 - size);
      const steps = own(real).map((weight) => weight / scale + zeroPoint);
      const found = Uint8Array.from(steps, Math.round);
      const error = descend({
        bytes: found,
        real: steps,
        zeroPoint,
        moments,
        links: own(links).map((link) => link / (scale * inputScale)),
        ridge,
      });
      if (error * scale ** 2 >= least) continue;
      least = error * scale ** 2;
      bytes.set(found, output * taps);
      scales[output] = scale;
    }
  });
}

interface Search {
  /** Changed in place. */
  readonly bytes: Uint8Array;
  /** Where the bytes would lie without rounding. */
  readonly real: Float64Array;
  readonly zeroPoint: number;
  /** Σ x xᵀ over the samples, [tap][tap]. */
  readonly moments: Float64Array;
  /** Σ x · target, in units of the sums. */
  readonly links: Float64Array;
  readonly ridge: number;
}

/** @returns Σ (w·x − target)² and the ridge, less Σ target², in squared units of the sums. */
function descend({ bytes, real, zeroPoint, moments, links, ridge }: Search): number {
  const taps = bytes.length;
  // Half the gradient of Σ (w·x − target)².
  const gradient = links.map((link) => -link);
  for (let tap = 0; tap < taps; tap++) addRow(gradient, moments, tap, bytes[tap] - zeroPoint);
  for (let sweep = 0, changed = true; sweep < SWEEPS && changed; sweep++) {
    changed = false;
    for (let tap = 0; tap < taps; tap++) {
      const now = bytes[tap];
      const other = now > real[tap] ? Math.floor(real[tap]) : Math.ceil(real[tap]);
      const step = other - now;
      if (step === 0 || other < 0 || other > 255) continue;
      const curvature = moments[tap * taps + tap] + ridge;
      const slope = gradient[tap] + ridge * (now - real[tap]);
      if (2 * step * slope + step * step * curvature >= 0) continue;
      bytes[tap] = other;
      addRow(gradient, moments, tap, step);
      changed = true;
    }
  }
  return bytes.reduce(
    (sum, byte, tap) => sum + (byte - zeroPoint) * (gradient[tap] - links[tap]) + ridge * (byte - real[tap]) ** 2,
    0,
  );
}

function addRow(gradient: Float64Array, moments: Float64Array, tap: number, factor: number): void {
  const from = tap * gradient.length;
  for (let other = 0; other < gradient.length; other++) gradient[other] += factor * moments[from + other];
}

/** Without the samples whose error the activation hides, unless too few are left. */
function liveSamples(
  { windows, target, live }: RoundingProblem,
  taps: number,
): Pick<RoundingProblem, 'windows' | 'target'> {
  if (live === undefined) return { windows, target };
  const margin = (live.max - live.min) / 6;
  const kept = [...target.keys()].filter((at) => target[at] > live.min - margin && target[at] < live.max + margin);
  if (kept.length < LIVE_SAMPLES || kept.length === target.length) return { windows, target };
  const keptOf = (row: Float32Array): Float32Array => Float32Array.from(kept, (at) => row[at]);
  const result = new Float32Array(taps * kept.length);
  for (let tap = 0; tap < taps; tap++)
    result.set(keptOf(windows.subarray(tap * target.length, (tap + 1) * target.length)), tap * kept.length);
  return { windows: result, target: keptOf(target) };
}

/** [row][sample] with the mean of each row taken away. */
function centred(values: Float32Array, samples: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += samples) {
    let sum = 0;
    for (let at = start; at < start + samples; at++) sum += values[at];
    for (let at = start; at < start + samples; at++) result[at] = values[at] - sum / samples;
  }
  return result;
}

/** [row][sample] → [sample][row] */
function transposed(values: Float64Array, samples: number): Float32Array {
  const rows = values.length / samples;
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let sample = 0; sample < samples; sample++) result[sample * rows + row] = values[row * samples + sample];
  return result;
}

function meanDiagonal(moments: Float64Array, taps: number): number {
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) sum += moments[tap * taps + tap];
  return sum / taps;
}

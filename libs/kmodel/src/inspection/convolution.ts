import { weightLoads } from '../geometry';
import type { WeightLoads } from '../geometry';
import type { ActivationSegment, ConvolutionLayer } from '../kmodel';
import { convolutionRange, normRange } from '../validation/batch-norm';
import type { Interval } from './float-interval';

/** What a layer of the KPU does with its numbers. */
export interface ConvolutionInspection {
  readonly depthwise: boolean;
  /** Edge of the window: 1 or 3. */
  readonly kernel: 1 | 3;
  /** Code 0 … 9 and what it means. */
  readonly pool: { readonly code: number; readonly name: string };
  readonly weights: WeightLoads & {
    readonly bytes: number;
    /** Least and greatest as they stand in the file. */
    readonly min: number;
    readonly max: number;
    /** The weight that means 0, by the argument of the sum of inputs. */
    readonly zeroPoint: number;
  };
  /** The byte of the input that means 0, by the argument of the sum of weights; taps outside of the map read `padValue`. */
  readonly inputZeroPoint: number;
  readonly padValue: number;
  readonly argAdd: number;
  /** Products of one picture; a convolution always runs at the full size of its input. */
  readonly macs: number;
  /** Bounds over all pictures and channels, of the sum of products and of what the batch norm makes of it. */
  readonly sums: Bound;
  readonly norms: Bound;
  /** Segments of the activation that the norms can reach and that rise or fall; the others are constant. */
  readonly slopes: number;
  /** Output bytes per unit of the sum, by channel from least to greatest; null unless there is one slope. */
  readonly gain: Interval | null;
}

export interface Bound extends Interval {
  /** Signed bits that hold the interval; the KPU has 36. */
  readonly bits: number;
}

const POOLS = [
  'none',
  'max 2×2',
  'mean 2×2',
  'max 4×4',
  'mean 4×4',
  'left-top 2×2',
  'right-top 2×2',
  'left-top 4×4',
  'mean 2×2 step 1',
  'max 2×2 step 1',
] as const;

export function inspectConvolution(layer: ConvolutionLayer, weightBits: 8 | 16): ConvolutionInspection {
  const { registers: r, weights, batchNorm, activation } = layer;
  const taps = (r.depthwise ? 1 : r.inputChannels) * r.kernel ** 2;
  const weightAt = weightsOf(layer, weightBits);
  const sums = batchNorm.map((_, channel) => convolutionRange(r, weightAt, channel * taps));
  const norms = batchNorm.map((entry, channel) => normRange(sums[channel], entry));
  const norm = boundOf(norms);
  const live = slopesWithin(activation, norm);
  return {
    depthwise: r.depthwise,
    kernel: r.kernel,
    pool: { code: r.poolType, name: POOLS[r.poolType] },
    weights: { bytes: weights.length, ...weightLoads(r, weightBits), ...extremes(weightAt, taps * r.outputChannels), zeroPoint: 0 - r.argX / 2 ** r.shiftX }, // prettier-ignore
    inputZeroPoint: 0 - r.argW / 2 ** r.shiftW,
    padValue: r.padValue,
    argAdd: r.argAdd,
    macs: taps * r.outputChannels * r.inputHeight * r.inputWidth,
    sums: boundOf(sums),
    norms: norm,
    slopes: live.length,
    gain: live.length === 1 ? gainOf(layer, live[0]) : null,
  };
}

function weightsOf({ weights }: ConvolutionLayer, weightBits: 8 | 16): (tap: number) => number {
  if (weightBits === 8) return (tap) => weights[tap];
  return (tap) => weights[2 * tap] + 256 * weights[2 * tap + 1];
}

function extremes(weightAt: (tap: number) => number, count: number): Interval {
  let [min, max] = [Infinity, -Infinity];
  for (let tap = 0; tap < count; tap++) {
    const weight = weightAt(tap);
    if (weight < min) min = weight;
    if (weight > max) max = weight;
  }
  return { min, max };
}

function boundOf(intervals: readonly Interval[]): Bound {
  let [min, max] = [Infinity, -Infinity];
  for (const one of intervals) [min, max] = [Math.min(min, one.min), Math.max(max, one.max)];
  return { min, max, bits: Math.max(signedBits(min), signedBits(max)) };
}

function signedBits(value: number): number {
  let bits = 1;
  while (value < -(2 ** (bits - 1)) || value >= 2 ** (bits - 1)) bits++;
  return bits;
}

function slopesWithin(activation: readonly ActivationSegment[], { min, max }: Interval): ActivationSegment[] {
  return activation.filter(({ start, multiplier }, index) => {
    const end = activation[index + 1]?.start ?? Infinity;
    return multiplier !== 0 && start <= max && end > min && end > start;
  });
}

function gainOf({ batchNorm }: ConvolutionLayer, { multiplier, shift }: ActivationSegment): Interval {
  const slope = multiplier / 2 ** shift;
  let [min, max] = [Infinity, -Infinity];
  for (const entry of batchNorm) {
    const gain = (entry.multiplier / 2 ** entry.shift) * slope;
    [min, max] = [Math.min(min, gain), Math.max(max, gain)];
  }
  return { min, max };
}

import type { Registers } from './convolution-registers';
import type { Findings } from './finding';

/** An interval that surely holds every value that can occur. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Results of the convolution and of the affine step are kept in 36 signed bits. */
const WIDTH_36 = 2 ** 35;
const MULTIPLIER_LIMIT = 2 ** 21;

/**
 * Checks the batch-norm table: one u64 a channel, multiplier (24 bits, signed), add (32, signed), shift (4), rest zero.
 * @param sums what the convolution can give for a channel
 * @returns what can come out of the affine step, over all channels.
 */
export function checkBatchNorm(
  findings: Findings,
  view: DataView,
  at: number,
  sums: (channel: number) => Range,
  channels: number,
): Range {
  let [min, max] = [Infinity, -Infinity];
  for (let channel = 0; channel < channels; channel++) {
    const range = checkEntry(findings, view, at + 8 * channel, sums(channel), channel);
    [min, max] = [Math.min(min, range.min), Math.max(max, range.max)];
  }
  return { min, max };
}

function checkEntry(findings: Findings, view: DataView, offset: number, sum: Range, channel: number): Range {
  const [low, high] = [view.getUint32(offset, true), view.getUint32(offset + 4, true)];
  const multiplier = (low << 8) >> 8;
  const add = (low >>> 24) | (high << 8);
  const shift = (high >>> 24) & 15;
  if (high >>> 28 !== 0) findings.error('bn-reserved', offset, `channel ${channel} has bits set that have no meaning`);
  if (multiplier < -MULTIPLIER_LIMIT || multiplier >= MULTIPLIER_LIMIT) {
    findings.error('bn-multiplier', offset, `multiplier ${multiplier} of channel ${channel} exceeds 22 signed bits`);
  }
  const range = normRange(sum, { multiplier, add, shift });
  warnWidth(findings, 'conv-width', offset, channel, sum);
  warnWidth(findings, 'bn-width', offset, channel, range);
  return range;
}

/** ((sum · multiplier) >> shift) + add over a range of sums. */
export function normRange(sum: Range, entry: { multiplier: number; add: number; shift: number }): Range {
  const ends = [sum.min, sum.max].map((end) => Math.floor((end * entry.multiplier) / 2 ** entry.shift) + entry.add);
  return { min: Math.min(...ends), max: Math.max(...ends) };
}

function warnWidth(findings: Findings, rule: string, offset: number, channel: number, { min, max }: Range): void {
  if (min >= -WIDTH_36 && max < WIDTH_36) return;
  findings.warning(rule, offset, `channel ${channel} can reach ${min} … ${max}, beyond 36 signed bits`);
}

/**
 * Least and greatest result of the convolution for one output channel, for any picture:
 * Σ x·(w + arg_x/2^shr_x) + (arg_w·Σw >> shr_w) + arg_add·n with 0 ≤ x ≤ 255.
 * @param weights value by index in the blob
 * @param first index of the channel's first weight
 */
export function convolutionRange(registers: Registers, weights: (tap: number) => number, first: number): Range {
  const { depthwise, inputChannels, kernel, argX, shiftX, argW, shiftW, argAdd } = registers;
  const inputs = depthwise ? 1 : inputChannels;
  const taps = inputs * kernel * kernel;
  const offset = argX / 2 ** shiftX;
  let [weightSum, negative, positive] = [0, 0, 0];
  for (let tap = first; tap < first + taps; tap++) {
    const weight = weights(tap);
    weightSum += weight;
    const factor = weight + offset;
    if (factor < 0) negative += factor;
    else positive += factor;
  }
  const constant = Math.floor((argW * weightSum) / 2 ** shiftW) + argAdd * inputs;
  // The shift of arg_x rounds down once.
  return { min: Math.floor(255 * negative) - 1 + constant, max: Math.ceil(255 * positive) + constant };
}

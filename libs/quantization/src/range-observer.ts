import { notFinite } from './errors';
import { HalfAxis } from './half-axis';
import type { HalfAxisRecord } from './half-axis';
import { plausibleRange } from './reference-range';

/** Lower and upper end of a set of real values. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What an observer has counted, as plain data. */
export interface RangeRecord {
  readonly observed: Range;
  readonly count: number;
  readonly negative: HalfAxisRecord;
  readonly positive: HalfAxisRecord;
  readonly plausible: readonly (Range | undefined)[];
  readonly peaks: Float64Array;
}

/** Counts every value of a layer: percentiles need no sampling, and neither order nor grouping of pictures matters. */
export class RangeObserver {
  private lowest = Number.POSITIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;
  private count = 0;
  readonly negative = new HalfAxis();
  readonly positive = new HalfAxis();
  /** By number of the picture, values of more than 100 left aside; undefined where nothing is left. */
  readonly plausible: (Range | undefined)[] = [];

  /** Of each channel, the largest magnitude. */
  readonly peaks: Float64Array;

  /** `name` says whose values these are. */
  constructor(
    private readonly name: string,
    channels = 1,
  ) {
    this.peaks = new Float64Array(channels);
  }

  /** Counts the values of the picture with this number. @throws GraftError E323 */
  add(values: Float32Array, picture: number): void {
    let lowest = Number.POSITIVE_INFINITY;
    let highest = Number.NEGATIVE_INFINITY;
    let sum = 0;
    const area = values.length / this.peaks.length;
    for (let channel = 0; channel < this.peaks.length; channel++) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let index = channel * area; index < (channel + 1) * area; index++) {
        const value = values[index];
        if (value < low) low = value;
        if (value > high) high = value;
        sum += value;
      }
      this.peaks[channel] = Math.max(this.peaks[channel], -low, high);
      lowest = Math.min(lowest, low);
      highest = Math.max(highest, high);
    }
    if (!Number.isFinite(sum)) throw notFinite(`the output of "${this.name}"`);
    this.plausible[picture] = plausibleRange(values, { min: lowest, max: highest });
    this.lowest = Math.min(this.lowest, lowest);
    this.highest = Math.max(this.highest, highest);
    this.count += values.length;
    this.positive.reach(highest);
    this.negative.reach(-lowest);
    this.positive.count(values, 1);
    if (lowest < 0) this.negative.count(values, -1);
  }

  record(): RangeRecord {
    const { observed, count, negative, positive, plausible, peaks } = this;
    return { observed, count, negative: negative.record(), positive: positive.record(), plausible, peaks };
  }

  /** Adds what another observer of the same layer saw in other pictures. */
  merge({ observed, count, negative, positive, plausible, peaks }: RangeRecord): void {
    this.lowest = Math.min(this.lowest, observed.min);
    this.highest = Math.max(this.highest, observed.max);
    this.count += count;
    this.negative.merge(negative);
    this.positive.merge(positive);
    peaks.forEach((peak, channel) => (this.peaks[channel] = Math.max(this.peaks[channel], peak)));
    // Holes are pictures of other observers.
    plausible.forEach((range, picture) => (this.plausible[picture] = range));
  }

  get observed(): Range {
    return { min: this.lowest, max: this.highest };
  }

  /** The range that leaves out (100 − percentile) % of all values at each end, to the width of a bin. */
  percentile(percentile: number): Range {
    const outside = this.count * (1 - percentile / 100);
    return {
      min: Math.max(this.lowest, -this.negative.valueWithAbove(outside)),
      max: Math.min(this.highest, this.positive.valueWithAbove(outside)),
    };
  }

  /** Shares of all values in `parts` equal parts between the smallest and the largest, to the width of a bin. */
  histogram(parts: number): number[] {
    const counts = new Array<number>(parts).fill(0);
    const { lowest, highest } = this;
    const count = (value: number, amount: number): void => {
      const part = highest > lowest ? Math.floor(((value - lowest) / (highest - lowest)) * parts) : 0;
      counts[Math.min(parts - 1, Math.max(0, part))] += amount;
    };
    let others = this.count;
    for (const [axis, sign] of [[this.negative, -1] as const, [this.positive, 1] as const]) {
      axis.occupied.forEach((amount, bin) => {
        count(sign * (bin + 0.5) * axis.width, amount);
        others -= amount;
      });
    }
    count(0, others);
    return counts.map((amount) => amount / this.count);
  }

  /** Share of the values that lie outside, to the width of a bin. */
  shareOutside(range: Range): number {
    const above = range.max >= this.highest ? 0 : this.positive.countAbove(range.max);
    const below = range.min <= this.lowest ? 0 : this.negative.countAbove(-range.min);
    return (above + below) / this.count;
  }
}

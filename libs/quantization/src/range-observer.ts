import { notFinite } from './errors';

/** Bins of one half axis; the range doubles when a value does not fit. */
const BINS = 4096;

/** Lower and upper end of a set of real values. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Counts every value of a layer, so that percentiles need no sampling and the order of pictures does not matter much. */
export class RangeObserver {
  private lowest = Number.POSITIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;
  private count = 0;
  private readonly negative = new HalfAxis();
  private readonly positive = new HalfAxis();

  /** `name` says whose values these are. */
  constructor(private readonly name: string) {}

  /** @throws GraftError E323 */
  add(values: Float32Array): void {
    let { lowest, highest } = this;
    let sum = 0;
    for (const value of values) {
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
      sum += value;
    }
    if (!Number.isFinite(sum)) throw notFinite(`the output of "${this.name}"`);
    this.lowest = lowest;
    this.highest = highest;
    this.count += values.length;
    this.positive.reach(highest);
    this.negative.reach(-lowest);
    this.positive.count(values, 1);
    if (lowest < 0) this.negative.count(values, -1);
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

  /** Share of the values that lie outside, to the width of a bin. */
  shareOutside(range: Range): number {
    const above = range.max >= this.highest ? 0 : this.positive.countAbove(range.max);
    const below = range.min <= this.lowest ? 0 : this.negative.countAbove(-range.min);
    return (above + below) / this.count;
  }
}

/** Histogram of the positive values. */
class HalfAxis {
  private readonly bins = new Float64Array(BINS);
  private end = 2 ** -20;

  /** Makes room for `value`: pairs of bins are merged, which keeps every count. */
  reach(value: number): void {
    while (value >= this.end) {
      for (let bin = 0; bin < BINS / 2; bin++) this.bins[bin] = this.bins[2 * bin] + this.bins[2 * bin + 1];
      this.bins.fill(0, BINS / 2);
      this.end *= 2;
    }
  }

  /** Zero counts nowhere: it is inside every range. */
  count(values: Float32Array, sign: 1 | -1): void {
    const { bins } = this;
    const factor = (sign * BINS) / this.end;
    for (const value of values) if (value * sign > 0) bins[Math.floor(value * factor)]++;
  }

  /** Upper edge of the first bin above which at most `allowed` values lie. */
  valueWithAbove(allowed: number): number {
    let above = 0;
    let bin = BINS;
    while (bin > 0 && above + this.bins[bin - 1] <= allowed) above += this.bins[--bin];
    return (bin * this.end) / BINS;
  }

  countAbove(value: number): number {
    const first = Math.max(0, Math.ceil((value * BINS) / this.end));
    return this.bins.subarray(Math.min(first, BINS)).reduce((sum, count) => sum + count, 0);
  }
}

/** Bins of one half axis; the range doubles when a value does not fit. */
const BINS = 4096;

export interface HalfAxisRecord {
  readonly bins: Float64Array;
  /** Where the last bin ends: a power of two. */
  readonly end: number;
}

/** Histogram of the values on one side of 0, as magnitudes. Zero counts nowhere: it is inside every range. */
export class HalfAxis {
  /** Bin i counts magnitudes from i · width on. */
  readonly bins = new Float64Array(BINS);
  private end = 2 ** -20;

  record(): HalfAxisRecord {
    return { bins: this.bins, end: this.end };
  }

  /** Adds what another one counted. Ends are powers of two, so that no value changes its bin. */
  merge({ bins, end }: HalfAxisRecord): void {
    while (this.end < end) this.double();
    const binsInOne = this.end / end;
    bins.forEach((count, bin) => (this.bins[Math.floor(bin / binsInOne)] += count));
  }

  get width(): number {
    return this.end / BINS;
  }

  /** Makes room for `value`: pairs of bins are merged, which keeps every count. */
  reach(value: number): void {
    while (value >= this.end) this.double();
  }

  private double(): void {
    for (let bin = 0; bin < BINS / 2; bin++) this.bins[bin] = this.bins[2 * bin] + this.bins[2 * bin + 1];
    this.bins.fill(0, BINS / 2);
    this.end *= 2;
  }

  /** Counts the values of one sign; all of them must be in reach. */
  count(values: Float32Array, sign: 1 | -1): void {
    const { bins } = this;
    const factor = (sign * BINS) / this.end;
    for (let index = 0; index < values.length; index++) {
      const place = values[index] * factor;
      if (place > 0) bins[place | 0]++;
    }
  }

  /** Upper edge of the first bin above which at most `allowed` values lie. */
  valueWithAbove(allowed: number): number {
    let above = 0;
    let bin = BINS;
    while (bin > 0 && above + this.bins[bin - 1] <= allowed) above += this.bins[--bin];
    return bin * this.width;
  }

  countAbove(value: number): number {
    const first = Math.max(0, Math.ceil((value * BINS) / this.end));
    return this.bins.subarray(Math.min(first, BINS)).reduce((sum, count) => sum + count, 0);
  }

  /** Bins up to the last one that counted anything. */
  get occupied(): Float64Array {
    return this.bins.subarray(0, this.bins.findLastIndex((count) => count > 0) + 1);
  }
}

export interface Runs {
  /** Runs before the measured ones, for the compiler of the JavaScript engine and the caches of the disk. */
  readonly warmUp: number;
  readonly runs: number;
}

/** Milliseconds of one run. */
export interface Timing {
  readonly median: number;
  readonly fastest: number;
  readonly slowest: number;
  readonly runs: number;
}

/** Runs the work one after another. `prepare` runs before each of them and is not timed. */
export async function measure(
  { warmUp, runs }: Runs,
  work: () => unknown,
  prepare: () => unknown = () => undefined,
): Promise<Timing> {
  const times: number[] = [];
  for (let run = 0; run < warmUp + runs; run++) {
    await prepare();
    const start = performance.now();
    await work();
    if (run >= warmUp) times.push(performance.now() - start);
  }
  return summaryOf(times);
}

export function summaryOf(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, fastest: sorted[0], slowest: sorted[sorted.length - 1], runs: sorted.length };
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export interface MeanWithError {
  readonly mean: number;
  /** Standard error of the mean. */
  readonly error: number;
}

/** Of independent values. */
export function meanWithError(values: readonly number[]): MeanWithError {
  const mean = meanOf(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

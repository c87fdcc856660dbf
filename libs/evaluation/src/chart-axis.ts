/** One direction of a chart. */
export interface Axis {
  readonly ticks: readonly number[];
  /** 0 at the low end, 1 at the high one. */
  readonly at: (value: number) => number;
}

/** Values this many times apart would lie on the ground of a linear axis. */
const WIDE_RATIO = 30;
const MOST_TICKS = 5;
/** Below this an amount is as good as 0. */
const SMALLEST = 1e-12;

/** From 0, or by powers of ten where the values, all above 0, are far apart. */
export function amountAxis(values: readonly number[]): Axis {
  const [low, high] = rangeOf(values.map((value) => (value < SMALLEST ? 0 : value)));
  if (low > 0 && high / low > WIDE_RATIO) return decadeAxis(low, high);
  return linearAxis(0, high > 0 ? high : 1);
}

/** Of shares: up to 1, from the tenth below the lowest. */
export function shareAxis(values: readonly number[]): Axis {
  const [low] = rangeOf(values);
  return linearAxis(Math.min(0.9, Math.floor(low * 10) / 10), 1);
}

function rangeOf(values: readonly number[]): [number, number] {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** Both ends are at or outside the given ones, and on ticks. */
function linearAxis(low: number, high: number): Axis {
  const step = niceStep((high - low) / MOST_TICKS);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  // Counting in whole steps keeps 0.30000000000000004 off the axis.
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  return { ticks, at: (value) => (value / step - first) / (last - first) };
}

function decadeAxis(low: number, high: number): Axis {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const every = Math.ceil((last - first) / MOST_TICKS);
  const count = Math.floor((last - first) / every) + 1;
  const ticks = Array.from({ length: count }, (_, index) => Number(`1e${first + index * every}`));
  return { ticks, at: (value) => (Math.log10(value) - first) / (last - first) };
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Whole numbers from 1 to `last`, at most about ten of them, evenly spread. */
export function countTicks(last: number): number[] {
  const step = Math.max(1, niceStep(last / 10));
  const ticks = Array.from({ length: Math.floor(last / step) }, (_, index) => (index + 1) * step);
  return step === 1 ? ticks : [1, ...ticks];
}

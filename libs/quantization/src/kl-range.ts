import type { HalfAxis } from './half-axis';
import type { Range, RangeObserver } from './range-observer';

const LEVELS = 256;
/** Ends are tried at this many places at most. */
const PLACES = 256;
/** Probability that stands for none, so that a clipped tail costs much and not everything. */
const NEARLY_NOTHING = 1e-10;

/**
 * The range that keeps most of the distribution: the end where the histogram, clipped, and the same histogram in as many
 * levels as bytes are left for its half axis, have the smallest Kullback–Leibler divergence (Migacz, 2017). Zeros count
 * nowhere: they are exact in every range.
 */
export function klRange({ observed, negative, positive }: RangeObserver): Range {
  const min = Math.min(0, observed.min);
  const max = Math.max(0, observed.max);
  const total = max - min;
  if (!(total > 0)) return observed;
  const levelsOf = (end: number): number => Math.max(1, Math.round((LEVELS * end) / total));
  return {
    min: Math.max(min, -bestEnd(negative, levelsOf(-min))) + 0,
    max: Math.min(max, bestEnd(positive, levelsOf(max))),
  };
}

function bestEnd({ occupied, width }: HalfAxis, levels: number): number {
  const stride = Math.max(1, Math.floor((occupied.length - levels) / PLACES));
  let best = { length: occupied.length, divergence: Number.POSITIVE_INFINITY };
  for (let length = occupied.length; length >= Math.min(levels, occupied.length) && length > 0; length -= stride) {
    const divergence = divergenceAt(occupied, length, levels);
    if (divergence < best.divergence) best = { length, divergence };
  }
  return best.length * width;
}

/** KL(clipped ‖ in levels) in nats. What lies beyond `length` bins is counted in the last one, as clipping does. */
function divergenceAt(bins: Float64Array, length: number, levels: number): number {
  const total = sumOf(bins, 0, bins.length);
  const inside = sumOf(bins, 0, length);
  if (inside === 0) return Number.POSITIVE_INFINITY;
  let divergence = 0;
  for (let level = 0; level < levels; level++) {
    const from = Math.ceil((level * length) / levels);
    const to = Math.min(length, Math.ceil(((level + 1) * length) / levels));
    let live = 0;
    for (let bin = from; bin < to; bin++) if (bins[bin] > 0) live++;
    const spread = live === 0 ? 0 : sumOf(bins, from, to) / live / inside;
    for (let bin = from; bin < to; bin++) {
      const count = bins[bin] + (bin === length - 1 ? total - inside : 0);
      if (count === 0) continue;
      const share = count / total;
      divergence += share * Math.log(share / Math.max(bins[bin] > 0 ? spread : 0, NEARLY_NOTHING));
    }
  }
  return divergence;
}

function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += values[index];
  return sum;
}

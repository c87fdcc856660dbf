import type { Range } from './range-observer';

/**
 * Per channel: mean of (float − quantized) before the activation, over all samples whose float value lies inside the live
 * range or up to a sixth of it outside. Beyond, the activation hides what weight rounding does. Both are
 * [channel][sample]; `quantized` has no bias yet, `bias` is added to it. Channels that never come near the live range stay
 * as they are.
 */
export function meanErrors(
  float: Float32Array,
  quantized: Float64Array,
  bias: Float64Array,
  live: Range,
): Float64Array {
  const margin = (live.max - live.min) / 6;
  const low = live.min - margin;
  const high = live.max + margin;
  const samples = float.length / bias.length;
  return bias.map((offset, channel) => {
    let sum = 0;
    let count = 0;
    for (let index = channel * samples; index < (channel + 1) * samples; index++) {
      const value = float[index];
      if (value <= low || value >= high) continue;
      sum += value - quantized[index] - offset;
      count++;
    }
    return count === 0 ? 0 : sum / count;
  });
}

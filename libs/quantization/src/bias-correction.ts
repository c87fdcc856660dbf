import type { Range } from './range-observer';

/**
 * Per channel: mean of (float − quantized) before the activation, over all pixels of all pictures whose float value
 * lies inside the live range or up to a sixth of it outside. Beyond, the activation hides what weight rounding does.
 * `quantized` has no bias yet; `bias` is added to it. Channels that never come near the live range stay as they are.
 */
export function meanErrors(
  float: readonly Float32Array[],
  quantized: readonly Float64Array[],
  bias: Float64Array,
  live: Range,
): Float64Array {
  const margin = (live.max - live.min) / 6;
  const low = live.min - margin;
  const high = live.max + margin;
  return bias.map((offset, channel) => {
    let sum = 0;
    let count = 0;
    float.forEach((values, picture) => {
      const others = quantized[picture];
      const area = values.length / bias.length;
      for (let index = channel * area; index < (channel + 1) * area; index++) {
        const value = values[index];
        if (value <= low || value >= high) continue;
        sum += value - others[index] - offset;
        count++;
      }
    });
    return count === 0 ? 0 : sum / count;
  });
}

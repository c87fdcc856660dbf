/**
 * The middle byte. 127.5 would use one code more (0.4 % finer steps), but 128 keeps real 0 exact, makes identity
 * convolutions exact, and keeps every sum on the chip a whole number, so that nothing is lost to its shifts.
 */
const WEIGHT_ZERO_POINT = 128;

/** Steps from the middle to the largest weight. */
const HALF_STEPS = 127;

export interface QuantizedWeights {
  readonly bytes: Uint8Array;
  /** real = (byte − zeroPoint) · scale; 0 for a channel without any weight left. */
  readonly scales: Float64Array;
  readonly zeroPoint: number;
}

/**
 * Symmetric, one scale per output channel, so that each channel uses all of −127 … 127. No scale goes below
 * `smallestScale`: finer steps could not be told apart downstream, and would cost the multiplier its precision.
 */
export function quantizeWeights(weights: Float64Array, channels: number, smallestScale: number): QuantizedWeights {
  const size = weights.length / channels;
  const bytes = new Uint8Array(weights.length);
  const scales = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * size;
    let largest = 0;
    for (let index = start; index < start + size; index++) largest = Math.max(largest, Math.abs(weights[index]));
    const scale = Math.max(largest / HALF_STEPS, smallestScale, Number.MIN_VALUE);
    let live = false;
    for (let index = start; index < start + size; index++) {
      const steps = Math.round(weights[index] / scale);
      bytes[index] = steps + WEIGHT_ZERO_POINT;
      live ||= steps !== 0;
    }
    scales[channel] = live ? scale : 0;
  }
  return { bytes, scales, zeroPoint: WEIGHT_ZERO_POINT };
}

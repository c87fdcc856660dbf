import type { QuantizedWeights } from './quantize-weights';

/** The largest byte. */
const STEPS = 255;

/**
 * Weights as nncase 0.1 rounds them: each output channel is stretched until it touches an end of the layer's range, and
 * one asymmetric quantization with a whole zero point serves all of them. Only that range is made to hold 0 here, so
 * that the zero point is a byte.
 */
export function referenceWeights(weights: Float64Array, channels: number): QuantizedWeights {
  const size = weights.length / channels;
  const total = rangeOf(weights);
  const factors = Float64Array.from({ length: channels }, (_, channel) =>
    stretchOf(rangeOf(weights.subarray(channel * size, (channel + 1) * size)), total),
  );
  const stretched = weights.map((weight, index) => weight * factors[Math.floor(index / size)]);
  const { min, max } = rangeOf(stretched);
  const stepsPerUnit = STEPS / (Math.max(max, 0) - Math.min(min, 0) || 1);
  const zeroPoint = 0 - roundHalfEven(Math.min(min, 0) * stepsPerUnit);
  const bytes = new Uint8Array(weights.length);
  stretched.forEach((weight, index) => {
    bytes[index] = Math.min(STEPS, Math.max(0, Math.round(weight * stepsPerUnit + zeroPoint)));
  });
  return { bytes, scales: factors.map((factor) => (factor === 0 ? 0 : 1 / (stepsPerUnit * factor))), zeroPoint };
}

/** The reference takes the larger factor where one is negative: ends on different sides of 0 cannot be matched. */
function stretchOf(own: { min: number; max: number }, total: { min: number; max: number }): number {
  if (own.min === 0 && own.max === 0) return 0;
  const byMax = own.max === 0 ? Number.POSITIVE_INFINITY : total.max / own.max;
  const byMin = own.min === 0 ? Number.POSITIVE_INFINITY : total.min / own.min;
  return byMax < 0 || byMin < 0 ? Math.max(byMax, byMin) : Math.min(byMax, byMin);
}

function rangeOf(values: Float64Array): { min: number; max: number } {
  return {
    min: values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    max: values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  };
}

function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}

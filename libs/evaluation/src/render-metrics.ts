import { canonicalJson } from '@graft/foundation';
import type { ModelFacts } from './facts';
import type { Metrics } from './metrics';
import type { QuantizationFacts } from './quantization-facts';
import type { UnknownThreshold } from './unknown-threshold';

/** Digits after the point: far below what a picture more or less changes. */
const DIGITS = 6;

/** `metrics.json`: sorted keys, rounded figures, equal text for equal metrics. */
export function renderMetrics(
  metrics: Metrics,
  { speed }: Pick<ModelFacts, 'speed'>,
  quantization?: QuantizationFacts,
  unknown?: UnknownThreshold | null,
): string {
  return canonicalJson(
    rounded({ ...metrics, speed, ...(quantization && { quantization }), ...(unknown && { unknown }) }),
  );
}

function rounded(value: unknown): unknown {
  // Adding 0 turns −0 into 0.
  if (typeof value === 'number') return Number(value.toFixed(DIGITS)) + 0;
  if (Array.isArray(value)) return value.map(rounded);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rounded(member)]));
}

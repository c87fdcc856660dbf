import { canonicalJson } from '@graft/foundation';
import type { ModelFacts } from './facts';
import { healthRows } from './health-facts';
import type { HealthFacts } from './health-facts';
import type { Metrics } from './metrics';
import type { QuantizationFacts } from './quantization-facts';
import type { UnknownThreshold } from './unknown-threshold';

/** Digits after the point: far below what a picture more or less changes. */
const DIGITS = 6;

/** What stands in `metrics.json` where it is known. */
export interface MetricsFacts extends Pick<ModelFacts, 'speed'> {
  readonly quantization?: QuantizationFacts;
  readonly unknown?: UnknownThreshold | null;
  readonly health?: HealthFacts;
}

/** `metrics.json`: sorted keys, rounded figures, equal text for equal metrics. */
export function renderMetrics(metrics: Metrics, { speed, quantization, unknown, health }: MetricsFacts): string {
  const known = {
    ...(quantization && { quantization }),
    ...(unknown && { unknown }),
    ...(health && { health: summaryOf(health) }),
  };
  return canonicalJson(rounded({ ...metrics, speed, ...known }));
}

/** Counts; `check.json` names the pictures. */
function summaryOf(health: HealthFacts) {
  const { classes, straddlingGroups } = health;
  return { classes, straddlingGroups, checks: healthRows(health) };
}

function rounded(value: unknown): unknown {
  // Adding 0 turns −0 into 0.
  if (typeof value === 'number') return Number(value.toFixed(DIGITS)) + 0;
  if (Array.isArray(value)) return value.map(rounded);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rounded(member)]));
}

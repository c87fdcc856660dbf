import type { ModelFacts } from './facts';
import { bytesText, percent, percentInterval, speedText } from './format';
import type { Proportion } from './interval';
import type { Metrics } from './metrics';

/** What the terminal shows at the end of an export: one figure a line, in columns. */
export function summaryLines(metrics: Metrics, facts: ModelFacts): string[] {
  const interval = percentInterval(metrics.confidence);
  const share = ({ value, successes, total, low, high }: Proportion) =>
    `${percent(value)}  (${successes} of ${total}; ${interval} interval ${percent(low)} to ${percent(high)})`;
  const rows: readonly (readonly [string, string])[] = [
    ['float accuracy', share(metrics.floatAccuracy)],
    ['device accuracy', share(metrics.deviceAccuracy)],
    ['agreement', share(metrics.agreement)],
    ['file size', bytesText(facts.kmodelBytes)],
    ['KPU RAM', bytesText(facts.kpuRamBytes)],
    ['main memory', bytesText(facts.mainMemoryBytes)],
    ['speed (estimate)', speedText(facts.speed)],
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)} ${value}`);
}

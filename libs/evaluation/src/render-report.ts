import type { MemoryOverLayers } from '@graft/compiler';

import type { CutFacts } from './cut-facts';
import { thresholdSection } from './describe-threshold';
import type { ModelFacts } from './facts';
import { bytesText, percent, percentInterval, pointsText, speedText } from './format';
import { healthRows, straddlingText } from './health-facts';
import type { HealthFacts } from './health-facts';
import type { Proportion } from './interval';
import { escapeMarkdown, table } from './markdown';
import type { QuantizationFacts } from './quantization-facts';
import { cutSection } from './render-cuts';
import { describeMemory } from './render-memory-map';
import type { Answers, Example, Metrics } from './metrics';
import { describeReliability } from './render-reliability';
import { quantizationSections } from './render-quantization';
import { describeTraining } from './render-training-curves';
import type { TrainingFacts } from './training-facts';
import type { UnknownThreshold } from './unknown-threshold';

export interface ReportFacts extends ModelFacts {
  /** Title of the report: the experiment. */
  readonly name: string;
  /** Shown as the picture {@link MEMORY_MAP_FILE} beside the report. */
  readonly memory?: MemoryOverLayers;
  readonly quantization?: QuantizationFacts;
  readonly cuts?: CutFacts;
  /** Shown as the picture {@link TRAINING_CURVES_FILE} beside the report. */
  readonly training?: TrainingFacts;
  /** The threshold for "none of these"; null where none is asked for. */
  readonly unknown?: UnknownThreshold | null;
  readonly health?: HealthFacts;
}

export const MEMORY_MAP_FILE = 'memory-map.svg';
export const TRAINING_CURVES_FILE = 'training-curves.svg';

/** The report as Markdown, to be read as text or rendered. Ends with a line feed. */
export function renderReport(metrics: Metrics, facts: ReportFacts): string {
  const sections = [
    `# ${escapeMarkdown(facts.name)}: evaluation`,
    `${metrics.count} test pictures. Intervals hold with ${percentInterval(metrics.confidence)} confidence (Wilson). ` +
      '"Device" is the exported file in the arithmetic of the chip.',
    summaryTable(metrics, facts),
    ...cutSection(facts.cuts),
    ...trainingSection(facts),
    ...memorySection(facts),
    '## Classes',
    classTable(metrics),
    '## Confusion, as the chip will answer',
    confusionTable(metrics.device, metrics.classes),
    '## Confusion of the float net',
    confusionTable(metrics.float, metrics.classes),
    '## How sure, how right',
    describeReliability(metrics),
    ...thresholdSection(facts.unknown ?? null),
    '## Worst pictures',
    exampleTable(metrics.worst, 'The chip answers every picture right.'),
    '## Pictures that float and device answer differently',
    exampleTable(metrics.flips, 'Float and device give the same answer to every picture.'),
    ...quantizationSections(facts.quantization),
    ...healthSection(facts),
  ];
  return `${sections.join('\n\n')}\n`;
}

function trainingSection({ training }: ReportFacts): string[] {
  if (training === undefined) return [];
  return ['## Training', `![${escapeMarkdown(describeTraining(training))}](${TRAINING_CURVES_FILE})`];
}

function memorySection({ memory }: ReportFacts): string[] {
  if (memory === undefined) return [];
  const description = escapeMarkdown(describeMemory(memory));
  return ['## Memory over layers', `![${description}](${MEMORY_MAP_FILE})`];
}

function healthSection({ health }: ReportFacts): string[] {
  if (health === undefined) return [];
  const found = healthRows(health).map(({ check, action, named, leftOut }) => [
    escapeMarkdown(check),
    String(named),
    String(leftOut),
    escapeMarkdown(action),
  ]);
  const classes = health.classes.map(({ label, fetched, kept }) => [escapeMarkdown(label), `${fetched}`, `${kept}`]);
  const straddling = straddlingText(health);
  return [
    '## Pictures',
    table(['class', 'fetched', 'kept'], classes),
    found.length === 0
      ? 'The checks found nothing.'
      : table(['check', 'pictures named', 'left out', 'dataset.checks says'], found),
    ...(straddling === null ? [] : [straddling]),
  ];
}

function summaryTable(metrics: Metrics, facts: ReportFacts): string {
  const { probabilityDifference: difference } = metrics;
  return table(
    ['figure', 'value', 'interval'],
    [
      ['float accuracy', ...proportionCells(metrics.floatAccuracy)],
      ['device accuracy', ...proportionCells(metrics.deviceAccuracy)],
      ['accuracy drop', pointsText(metrics.accuracyDrop), ''],
      ['agreement of float and device', ...proportionCells(metrics.agreement)],
      ['probability difference', `mean ${difference.mean.toFixed(4)}, largest ${difference.max.toFixed(4)}`, ''],
      ['kmodel', bytesText(facts.kmodelBytes), ''],
      ['KPU RAM', bytesText(facts.kpuRamBytes), ''],
      ['main memory', bytesText(facts.mainMemoryBytes), ''],
      ['speed (estimated, not measured)', speedText(facts.speed), ''],
    ],
  );
}

function proportionCells({ value, low, high, successes, total }: Proportion): [string, string] {
  return [`${percent(value)} (${successes} of ${total})`, `${percent(low)} to ${percent(high)}`];
}

function classTable({ float, device }: Metrics): string {
  const rows = device.perClass.map((one, index) => [
    escapeMarkdown(one.name),
    String(one.support),
    maybePercent(one.precision),
    maybePercent(one.recall),
    maybePercent(one.f1),
    maybePercent(float.perClass[index].f1),
  ]);
  return table(['class', 'pictures', 'precision', 'recall', 'F1', 'F1 in float'], rows);
}

function confusionTable({ confusion }: Answers, classes: readonly string[]): string {
  const names = classes.map(escapeMarkdown);
  const rows = confusion.map((row, truth) => [
    names[truth],
    ...row.map((count, answer) => (truth === answer ? `**${count}**` : String(count))),
  ]);
  return table(['picture shows ↓, answer →', ...names], rows);
}

function exampleTable(examples: readonly Example[], none: string): string {
  if (examples.length === 0) return none;
  const rows = examples.map((one) => [
    escapeMarkdown(one.path),
    escapeMarkdown(one.truth),
    `${escapeMarkdown(one.deviceAnswer)} (${percent(one.deviceConfidence)})`,
    `${escapeMarkdown(one.floatAnswer)} (${percent(one.floatConfidence)})`,
  ]);
  return table(['picture', 'shows', 'device', 'float'], rows);
}

function maybePercent(share: number | null): string {
  return share === null ? '–' : percent(share);
}

import { escapeHtml, htmlTable } from '@graft/foundation';
import { bytesText, msText, percent, percentInterval, pointsText } from '../format';
import type { Gate } from '../gates';
import type { Proportion } from '../interval';
import type { Metrics } from '../metrics';
import { intervalChart } from '../render-intervals';
import type { PageFacts } from './page-facts';
import { chart } from './page-parts';

/** What a reader wants first: the sentence, the shares with their intervals, size and speed, and what is required. */
export function summaryPart(metrics: Metrics, facts: PageFacts): string {
  return `<p class="lead">${lead(metrics)}</p>
${chart(intervalChart(metrics))}
<dl class="tiles">
${tiles(metrics, facts)}
</dl>
${facts.gates.length === 0 ? '' : gatesPart(facts.gates)}`;
}

function lead({ deviceAccuracy, floatAccuracy, confidence }: Metrics): string {
  const interval = ({ low, high }: Proportion) =>
    `${percentInterval(confidence)} interval ${percent(low)} to ${percent(high)}`;
  const { successes, total, value } = deviceAccuracy;
  return (
    `The chip answers <strong>${successes} of ${total}</strong> test pictures right: <strong>${percent(value)}</strong> ` +
    `(${interval(deviceAccuracy)}). The float network: ${percent(floatAccuracy.value)} (${interval(floatAccuracy)}).`
  );
}

function tiles(metrics: Metrics, facts: PageFacts): string {
  const { speed } = facts;
  const [size, sizeExact] = sizeText(facts.kmodelBytes);
  const [kpu, kpuExact] = sizeText(facts.kpuRamBytes);
  const [main, mainExact] = sizeText(facts.mainMemoryBytes);
  const rate = (ms: number) => (1000 / ms).toFixed(1);
  return [
    tile('agreement', percent(metrics.agreement.value), 'float and chip give the same answer'),
    tile('accuracy drop', pointsText(metrics.accuracyDrop), 'float minus chip'),
    tile('pictures a second', `about ${rate(speed.estimatedMs)}`, speedBand(facts)),
    tile('file size', size, sizeExact),
    tile('KPU RAM', kpu, kpuExact),
    tile('main memory', main, mainExact),
  ].join('\n');
}

function speedBand({ speed: { estimatedMs, lowMs, highMs } }: PageFacts): string {
  const rate = (ms: number) => (1000 / ms).toFixed(1);
  return `${msText(estimatedMs)} a picture; ${rate(highMs)} to ${rate(lowMs)} a second; estimated, not measured`;
}

function tile(name: string, value: string, note: string): string {
  return `<div class="panel"><dt>${name}</dt><dd>${value}</dd><dd class="muted">${note}</dd></div>`;
}

/** `680.51 KiB` and `696,840 bytes`. */
function sizeText(bytes: number): [string, string] {
  const [short = '', exact = ''] = bytesText(bytes).split(/ \(|\)/);
  return [short, exact];
}

function gatesPart(gates: readonly Gate[]): string {
  const failed = gates.filter(({ met }) => !met).length;
  const caption =
    failed === 0
      ? 'Everything that the experiment requires is met.'
      : `${failed} of ${gates.length} requirements are missed.`;
  const rows = gates.map((gate) => [
    `<code>require.${gate.name}</code>`,
    gate.met ? '<span class="good">✓ met</span>' : '<span class="bad">✗ missed</span>',
    gateValue(gate, gate.measured),
    gate.interval === null ? '' : `${gateValue(gate, gate.interval[0])} to ${gateValue(gate, gate.interval[1])}`,
    `${atLeast(gate) ? 'at least' : 'at most'} ${gateValue(gate, gate.limit)}`,
    gate.strict ? 'the worse end of the interval' : 'the value',
  ]);
  const columns = ['limit', 'verdict', { number: 'value' }, { number: 'interval' }, { number: 'required' }, 'judged'];
  return `<h2 id="required">Requirements</h2>
${htmlTable({ caption, columns, rows })}`;
}

const atLeast = ({ name }: Gate): boolean => name === 'device_accuracy' || name === 'agreement';

function gateValue({ name }: Gate, value: number): string {
  if (name === 'kmodel_size') return escapeHtml(sizeText(value)[0]);
  if (name === 'latency') return msText(value);
  return name === 'accuracy_drop' ? pointsText(value) : percent(value);
}

export const SUMMARY_STYLE = `
.lead { font-size: 1.15rem; max-width: 52rem; }
svg.intervals { width: 100%; height: auto; max-width: 32rem; }
.tiles { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.4rem), 1fr)); margin: 1rem 0; }
.tiles .panel { padding: 0.75rem 0.9rem; }
.tiles dt { color: var(--muted); font-size: 0.85rem; }
.tiles dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd.muted { font-size: 0.8rem; font-weight: normal; }
@media print { .tiles { grid-template-columns: repeat(3, 1fr); } }
`;

import { canonicalJson, escapeHtml, htmlPage, htmlTable } from '@graft/foundation';
import { msText, percent, percentInterval } from '../format';
import { escapeMarkdown, table } from '../markdown';
import { accuracyPerKb, accuracyPerMs } from './rank-points';
import type { RankedPoint, RankedSweep } from './rank-points';
import { inlineFront } from './render-front';
import type { SweepPointResult } from './sweep-point';

export interface SweepNames {
  /** Of the experiment, with its variant. */
  readonly title: string;
  /** What makes these points again. */
  readonly command: string;
}

/** Beside the page; `sweep.md` shows it. */
export const FRONT_FILE = 'front.svg';

const COLUMNS = [
  'rank',
  'point',
  'device accuracy',
  'interval',
  'float',
  'KB',
  'ms',
  'points / KB',
  'points / ms',
  'against the best',
  'front',
];

const STYLE = `
.sweep svg { max-width: 100%; height: auto; }
.yaml { user-select: all; white-space: pre; overflow-x: auto; }
`;

const STATUS: Readonly<Record<SweepPointResult['status'], string>> = {
  done: 'measured',
  missed: 'misses what is required',
  failed: 'failed',
  skipped: 'left out: does not fit',
};

/** The page: what is best and how sure that is, both trade-offs, every point, and the YAML of each. */
export function renderSweepPage(sweep: RankedSweep, names: SweepNames): string {
  const front = inlineFront(sweep);
  const cells = sweep.points.map((point) => rowOf(point, sweep).map(escapeHtml));
  const numeric = new Set(['KB', 'ms', 'points / KB', 'points / ms', 'device accuracy', 'float']);
  const body = [
    ...summaryOf(sweep).map((sentence) => `<p>${escapeHtml(sentence)}</p>`),
    ...(sweep.points.length === 0
      ? []
      : [
          `<figure class="sweep">${front.svg}</figure>`,
          '<h2>Points</h2>',
          htmlTable({
            caption: `Points that came out, ${rankingText(sweep)}`,
            columns: COLUMNS.map((column) => (numeric.has(column) ? { number: column } : column)),
            rows: cells,
          }),
        ]),
    ...(sweep.others.length === 0
      ? []
      : [
          '<h2>Not ranked</h2>',
          htmlTable({
            caption: 'Points that are not ranked, and why',
            columns: ['point', 'what', 'why', 'device accuracy'],
            rows: sweep.others.map((point) => otherRow(point).map(escapeHtml)),
          }),
        ]),
    '<h2>YAML of each point</h2>',
    '<p>A click marks all of it. Paste it into a variant, or over the keys of the experiment.</p>',
    ...[...sweep.points, ...sweep.others].map(
      ({ label, yaml }) =>
        `<details><summary>${escapeHtml(label)}</summary><pre class="yaml" tabindex="0" aria-label="${escapeHtml(`YAML of ${label}`)}"><code>${escapeHtml(yaml)}</code></pre></details>`,
    ),
    '<h2>Again</h2>',
    `<pre tabindex="0" aria-label="Command"><code>${escapeHtml(names.command)}</code></pre>`,
    '',
  ].join('\n');
  return htmlPage({ kicker: 'Graft · sweep', title: `Sweep of ${names.title}`, style: `${STYLE}${front.style}`, body });
}

/** The same as Markdown, beside `front.svg`. */
export function renderSweepMarkdown(sweep: RankedSweep, names: SweepNames): string {
  const parts = [
    `# ${escapeMarkdown(names.title)}: sweep`,
    ...summaryOf(sweep).map(escapeMarkdown),
    ...(sweep.points.length === 0
      ? []
      : [
          `![Trade-offs of the sweep](${FRONT_FILE})`,
          table(
            COLUMNS,
            sweep.points.map((point) => rowOf(point, sweep).map(escapeMarkdown)),
          ),
        ]),
    ...(sweep.others.length === 0
      ? []
      : [
          '## Not ranked',
          table(
            ['point', 'what', 'why', 'device accuracy'],
            sweep.others.map((point) => otherRow(point).map(escapeMarkdown)),
          ),
        ]),
    `\`${names.command}\` makes it again.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** All figures, for programs. */
export function renderSweepJson(sweep: RankedSweep, names: SweepNames): string {
  const points = sweep.points.map((point) => ({
    ...point,
    accuracyPerKb: accuracyPerKb(point.figures),
    accuracyPerMs: accuracyPerMs(point.figures),
  }));
  return canonicalJson({
    version: 1,
    ...names,
    rankBy: sweep.rankBy,
    confidence: sweep.confidence,
    points,
    others: sweep.others,
  });
}

/** For the terminal: the table in columns. */
export function sweepLines(sweep: RankedSweep): string[] {
  const rows = [COLUMNS, ...sweep.points.map((point) => rowOf(point, sweep))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const others = sweep.others.map((point) => `${point.label}: ${STATUS[point.status]}: ${point.reason}`);
  return [...(sweep.points.length === 0 ? [] : lines), ...others, ...summaryOf(sweep)];
}

/** What can be said, in sentences. */
export function summaryOf(sweep: RankedSweep): string[] {
  const { best, points, others, confidence } = sweep;
  if (best === null) return [`None of ${others.length} points came out.`];
  const { device } = best.figures;
  const head = `Most accurate: ${best.label}, with ${percent(device.value)} on the device (${device.successes} of ${device.total}; ${percentInterval(confidence)} interval ${percent(device.low)} to ${percent(device.high)}).`;
  const alike = points.filter(({ likeBest, id }) => likeBest && id !== best.id);
  if (alike.length === 0) return [head, ...(points.length === 1 ? [] : ['Every other point is worse beyond chance.'])];
  const all = [best, ...alike];
  const smallest = all.reduce((a, b) => (b.figures.kmodelBytes < a.figures.kmodelBytes ? b : a));
  const fastest = all.reduce((a, b) => (b.figures.estimatedMs < a.figures.estimatedMs ? b : a));
  return [
    head,
    `Not distinguishable from it (McNemar's exact test on the same pictures, one by one, without correction for their number): ${alike.map(({ rank }) => `number ${rank}`).join(', ')}.`,
    `Of these, the smallest is number ${smallest.rank} (${smallest.label}, ${kilobytes(smallest)} KB), the fastest number ${fastest.rank} (${fastest.label}, ${msText(fastest.figures.estimatedMs)}).`,
  ];
}

const kilobytes = ({ figures }: RankedPoint): string => (figures.kmodelBytes / 1000).toFixed(1);

function rankingText({ rankBy }: RankedSweep): string {
  return `ranked by ${rankBy}`;
}

function rowOf(point: RankedPoint, { best }: RankedSweep): string[] {
  const { device, float, estimatedMs } = point.figures;
  const fronts = [...(point.onSizeFront ? ['size'] : []), ...(point.onSpeedFront ? ['time'] : [])];
  return [
    String(point.rank),
    point.label,
    `${percent(device.value)} (${device.successes} of ${device.total})`,
    `${percent(device.low)} to ${percent(device.high)}`,
    percent(float.value),
    kilobytes(point),
    estimatedMs.toFixed(1),
    accuracyPerKb(point.figures).toFixed(3),
    accuracyPerMs(point.figures).toFixed(3),
    point.id === best?.id
      ? 'the most accurate'
      : `${point.likeBest ? 'not distinguishable' : 'worse'}, p ${pText(point.pValue)}`,
    fronts.length === 0 ? '–' : fronts.join(', '),
  ];
}

const pText = (value: number): string => (value < 0.001 ? '< 0.001' : value.toFixed(3));

function otherRow({ label, status, reason, figures }: SweepPointResult): string[] {
  return [label, STATUS[status], reason, figures === null ? '–' : percent(figures.device.value)];
}

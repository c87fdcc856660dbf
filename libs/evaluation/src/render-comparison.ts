import { alignedTable } from '@graft/foundation';
import type { Comparison, Flip, ResultComparison } from './compare-results';
import { bytesText, countOf, msText, percent, percentInterval, pointsText } from './format';
import { escapeMarkdown, table } from './markdown';

/** Two runs side by side, for people. */
export interface ComparedRuns {
  /** Names of the two, the older first: `b47b775c (pokedex)`. */
  readonly names: readonly [before: string, after: string];
  /** What else differs, by subject: settings, pictures, tools. */
  readonly changes: readonly { readonly title: string; readonly lines: readonly string[] }[];
  /** Null where one of the two has no result to compare. */
  readonly result: ResultComparison | null;
  /** What to know beside: why there is no result, which run was taken. */
  readonly notes: readonly string[];
}

/** More flipped pictures than these are counted only; `--json` has all of them. */
const MOST_FLIPS = 40;

const NOTHING = 'no difference';

/** For a terminal, line by line. */
export function comparisonLines({ names, changes, result, notes }: ComparedRuns): string[] {
  const [before, after] = names;
  return [
    `${after} against ${before}`,
    ...notes,
    ...changes.flatMap(({ title, lines }) => ['', title, ...orNothing(lines).map((line) => `  ${line}`)]),
    ...(result === null ? [] : resultLines(names, result)),
  ];
}

function resultLines(names: ComparedRuns['names'], result: ResultComparison): string[] {
  return [
    '',
    ...alignedTable([['', ...names, 'difference'], ...figures(result)]).split('\n'),
    '',
    ...verdicts(result),
    ...flipTables(result).flatMap(({ title, flips }) => [
      '',
      `${title}: ${countOf(flips.length, 'picture')}`,
      ...(flips.length === 0 ? [] : indentedTable(flips)),
      ...rest(flips),
    ]),
  ];
}

const indentedTable = (flips: readonly Flip[]): string[] =>
  alignedTable(flips.slice(0, MOST_FLIPS).map(flipCells))
    .split('\n')
    .map((line) => `  ${line}`);

/** For a pull request. */
export function renderComparison({ names, changes, result, notes }: ComparedRuns): string {
  const [before, after] = names;
  return [
    `## ${escapeMarkdown(after)} against ${escapeMarkdown(before)}`,
    ...notes.map(escapeMarkdown),
    ...(result === null ? [] : [markdownFigures(names, result), ...verdicts(result)]),
    ...changes.flatMap(({ title, lines }) => [
      `### ${title[0].toUpperCase()}${title.slice(1)}`,
      lines.length === 0 ? NOTHING : lines.map((line) => `- \`${line.replaceAll('`', "'")}\``).join('\n'),
    ]),
    ...(result === null ? [] : flipTables(result).flatMap(markdownFlips)),
  ]
    .map((part) => `${part}\n`)
    .join('\n');
}

function markdownFigures(names: ComparedRuns['names'], result: ResultComparison): string {
  return table(['', ...names.map(escapeMarkdown), 'difference'], figures(result));
}

function markdownFlips({ title, flips }: FlipTable): string[] {
  const head = ['picture', 'label', 'before', 'after', ''];
  const heading = `### ${title[0].toUpperCase()}${title.slice(1)}: ${countOf(flips.length, 'picture')}`;
  if (flips.length === 0) return [heading];
  return [
    heading,
    table(
      head,
      flips.slice(0, MOST_FLIPS).map((flip) => flipFields(flip).map(escapeMarkdown)),
    ),
    ...rest(flips),
  ];
}

interface FlipTable {
  readonly title: string;
  readonly flips: readonly Flip[];
}

const flipTables = ({ flips }: ResultComparison): FlipTable[] => [
  { title: 'answered differently on the device', flips: flips.device },
  { title: 'answered differently in float', flips: flips.float },
];

const flipFields = ({ path, label, before, after, change }: Flip): string[] => [path, label, before, after, change];

const flipCells = ({ path, label, before, after, change }: Flip): string[] => [
  path,
  `is ${label}:`,
  `${before} → ${after}`,
  change,
];

const rest = (flips: readonly Flip[]): string[] =>
  flips.length <= MOST_FLIPS ? [] : [`  and ${flips.length - MOST_FLIPS} more`];

function figures({ before, after }: ResultComparison): string[][] {
  const share = (name: string, of: 'floatRight' | 'deviceRight' | 'agreeing'): string[] => [
    name,
    ...[before, after].map((run) => `${percent(run[of] / run.pictures)} (${run[of]} of ${run.pictures})`),
    signed(after[of] / after.pictures - before[of] / before.pictures, pointsText),
  ];
  const bytes = (name: string, of: 'kmodelBytes' | 'kpuRamBytes' | 'mainMemoryBytes'): string[] => [
    name,
    bytesText(before[of]),
    bytesText(after[of]),
    signed(after[of] - before[of], bytesText),
  ];
  const speeds = [before.speed.estimatedMs, after.speed.estimatedMs];
  return [
    share('float accuracy', 'floatRight'),
    share('device accuracy', 'deviceRight'),
    share('agreement', 'agreeing'),
    bytes('file size', 'kmodelBytes'),
    bytes('KPU RAM', 'kpuRamBytes'),
    bytes('main memory', 'mainMemoryBytes'),
    ['a picture (estimate)', ...speeds.map(msText), signed(speeds[1] - speeds[0], msText)],
    ['limits that are missed', ...[before, after].map(missedGates), ''],
  ];
}

const missedGates = ({ gates }: ResultComparison['before']): string => {
  const missed = gates.filter(({ met }) => !met).map(({ name }) => name);
  return missed.length === 0 ? 'none' : missed.join(', ');
};

function signed(difference: number, text: (value: number) => string): string {
  const size = text(Math.abs(difference));
  // What is shown as 0.00 has no sign.
  if (size === text(0)) return '=';
  return `${difference < 0 ? '−' : '+'}${size}`;
}

/** What the test says, in sentences with their numbers. */
function verdicts(result: ResultComparison): string[] {
  const { before, after, common, relabelled } = result;
  if (common === 0) return ['No test picture is in both runs: nothing can be said about which one answers better.'];
  const others = [before.pictures - common, after.pictures - common];
  const differs = others.some((count) => count > 0);
  return [
    verdict('device', result.device, result),
    verdict('float', result.float, result),
    ...(differs
      ? [
          `Only the ${countOf(common, 'test picture')} of both are counted here; ${others[0]} of the older run and ${others[1]} of the newer are not` +
            `${relabelled > 0 ? `, ${relabelled} of them because they have another label now` : ''}.`,
        ]
      : []),
  ];
}

function verdict(
  name: string,
  { counts, difference, p, distinguishable }: Comparison,
  { common, confidence }: ResultComparison,
): string {
  const { firstOnly, secondOnly } = counts;
  const numbers = `${secondOnly} right only now, ${firstOnly} right only before, of ${countOf(common, 'common picture')}; McNemar's exact test p = ${probability(p)}`;
  const interval =
    difference === null
      ? ''
      : `; difference ${pointsText(difference.value)}, ${percentInterval(confidence)} interval ${pointsText(difference.low)} to ${pointsText(difference.high)}`;
  const better = secondOnly > firstOnly ? 'better than before' : 'worse than before';
  return `${name}: ${distinguishable ? better : 'not distinguishable'} (${numbers}${interval}).`;
}

/** 1 → "1", 0.0390625 → "0.039", 0.00000012 → "1.2e-7" */
const probability = (p: number): string => (p >= 0.9995 ? '1' : String(Number(p.toPrecision(2))));

const orNothing = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [NOTHING] : lines);

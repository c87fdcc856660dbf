import { canonicalJson } from '@graft/foundation';
import type { PlacedPicture, SplitPart } from '@graft/dataset';
import type { CheckOutcome, CheckResult } from './check-dataset';
import { count, keyOf } from './errors';
import { groupBy } from './finding';
import type { Dataset } from './subject';

/** What the checks of an experiment say, ready to be shown. */
export interface CheckReport {
  /** Of the experiment. */
  readonly experiment: string;
  /** By class key, sorted. */
  readonly classes: readonly ClassCount[];
  readonly outcomes: readonly CheckOutcome[];
  /** Path of a picture to its side of the split; those left out are missing. */
  readonly sides: ReadonlyMap<string, SplitPart>;
  /** Groups of look-alikes that lie on more than one side, so that what is tested was partly learned. */
  readonly straddling: number;
}

export interface ClassCount {
  readonly label: string;
  readonly fetched: number;
  readonly kept: number;
}

export function checkReport(
  experiment: string,
  { list }: Pick<Dataset, 'list'>,
  { kept, outcomes, lookAlikes }: CheckResult,
  placed: readonly PlacedPicture[],
): CheckReport {
  const classes = groupBy(list.pictures, ({ label }) => label).map(([{ label }, ...others]) => ({
    label,
    fetched: others.length + 1,
    kept: kept.filter((record) => record.label === label).length,
  }));
  classes.sort((a, b) => (a.label < b.label ? -1 : 1));
  const compared = outcomes.some(({ name }) => name === 'nearDuplicate' || name === 'nearLabelConflict');
  return {
    experiment,
    classes,
    outcomes,
    sides: new Map(placed.map(({ record, split }) => [record.path, split])),
    straddling: compared ? straddlingGroups(placed, lookAlikes()) : 0,
  };
}

function straddlingGroups(placed: readonly PlacedPicture[], groups: ReadonlyMap<string, string>): number {
  const alike = placed.filter(({ record }) => groups.has(record.sha256));
  const sides = groupBy(alike, ({ record }) => groups.get(record.sha256) ?? '').map(
    (members) => new Set(members.map(({ split }) => split)).size,
  );
  return sides.filter((different) => different > 1).length;
}

/** Pictures that a check names, and how many it leaves out. */
export function countsOf({ findings, action }: CheckOutcome): { named: number; leftOut: number } {
  return {
    named: findings.reduce((sum, { pictures }) => sum + Math.max(1, pictures.length), 0),
    leftOut: action === 'drop' ? findings.reduce((sum, { surplus }) => sum + surplus.length, 0) : 0,
  };
}

const NAMED_ON_TERMINAL = 3;

/** For a terminal: counts, the first few names of each check, and what to do next; `page` is where the page lies. */
export function summaryLines(report: CheckReport, page: string): string[] {
  const total = report.classes.reduce((sum, { fetched }) => sum + fetched, 0);
  const kept = report.classes.reduce((sum, one) => sum + one.kept, 0);
  const classes = report.classes.map((one) => `${one.label} ${one.kept}`).join(', ');
  const found = report.outcomes.filter(({ findings }) => findings.length > 0);
  return [
    `${count(total, 'picture')}, ${kept} kept (${classes})`,
    ...found.flatMap(outcomeLines),
    ...(report.straddling === 0 ? [] : [straddlingLine(report.straddling)]),
    found.length === 0 ? 'nothing was found' : `look at them: ${page}`,
  ];
}

export function straddlingLine(groups: number): string {
  return `${count(groups, 'group')} of look-alikes ${groups === 1 ? 'lies' : 'lie'} on more than one side of the split: dataset.split.group_by: near_duplicate keeps each on one, but for those that the lock has on several`;
}

function outcomeLines(outcome: CheckOutcome): string[] {
  const { named, leftOut } = countsOf(outcome);
  const action = outcome.action === 'drop' ? `${leftOut} left out` : outcome.action;
  const names = outcome.findings.slice(0, NAMED_ON_TERMINAL).map(({ pictures, reason }) => {
    const first = pictures.slice(0, 2).map(({ name }) => name);
    const rest = pictures.length > 2 ? ` and ${pictures.length - 2} more` : '';
    return `    ${first.join('  =  ')}${rest}${first.length === 0 ? '' : '   '}${reason}`;
  });
  const more = outcome.findings.length - names.length;
  return [
    `${keyOf(outcome.name).padEnd(26)} ${String(named).padStart(5)}   ${action}`,
    ...names,
    ...(more > 0 ? [`    … and ${more} more`] : []),
  ];
}

/** For tools: everything by name. */
export function renderCheckJson(report: CheckReport): string {
  const checks = report.outcomes.map(({ name, action, findings }) => ({
    check: keyOf(name),
    action,
    findings: findings.map(({ pictures, reason, surplus }) => ({
      pictures: pictures.map((picture) => ({ ...picture, split: sideOf(report, picture.path) })),
      reason,
      surplus: surplus.map(({ path }) => path),
    })),
  }));
  const { experiment, classes, straddling } = report;
  return canonicalJson({ version: 1, experiment, classes, checks, straddlingGroups: straddling });
}

export function sideOf({ sides }: CheckReport, path: string | null): SplitPart | null {
  return path === null ? null : (sides.get(path) ?? null);
}

/** Contents that the page shows, each once, in the order in which they come; of each check the first few findings. */
export function shownContents(report: CheckReport): string[] {
  const contents = report.outcomes.flatMap(({ findings }) =>
    findings.slice(0, SHOWN_FINDINGS).flatMap(({ pictures }) => pictures.slice(0, SHOWN_PICTURES)),
  );
  return [...new Set(contents.flatMap(({ sha256 }) => sha256 ?? []))];
}

/** A page with thousands of thumbnails would open slowly; check.json has all. */
export const SHOWN_FINDINGS = 60;
export const SHOWN_PICTURES = 12;

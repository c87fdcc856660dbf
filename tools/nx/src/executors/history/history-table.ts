import { parseRunResult, percent } from '@graft/evaluation';
import { alignedTable } from '@graft/foundation';
import type { HistoryRecord } from '@graft/pipeline';
import { keyChanges } from '../../shared/run-changes';
import { shortName, type Runs } from '../../shared/runs';

const HEAD = ['run', '', 'device', 'float', 'agreement', 'KiB', 'ms', 'missed', 'commit', 'changed'];

/** A run a line, oldest first. What lies among the outputs is marked, and what each changed from the one before is told. */
export function historyTable({ records, current, unreadable }: Runs): string {
  // Variants have names of their own.
  const named = records.some(({ project, provenance }) => provenance.experiment !== project);
  const rows = records.map((record, index) => [
    named ? `${shortName(record)} ${record.provenance.experiment}` : shortName(record),
    record === current ? 'current' : record === records.at(-1) ? 'newest' : '',
    ...figures(record),
    commitOf(record),
    changeFrom(records[index - 1], record),
  ]);
  return [alignedTable([HEAD, ...rows]), ...unreadable.map((path) => `no record can be read from ${path}`)].join('\n');
}

/** Of a record of an earlier version there is only the size. */
function figures({ result, provenance }: HistoryRecord): string[] {
  const kibibytes = (provenance.model.bytes / 1024).toFixed(1);
  const found = parseRunResult(result);
  if (found === null) return ['–', '–', '–', kibibytes, '–', '–'];
  const { deviceRight, floatRight, agreeing, pictures, speed, gates } = found;
  const missed = gates.filter(({ met }) => !met).map(({ name }) => name);
  return [
    `${percent(deviceRight / pictures)} (${deviceRight}/${pictures})`,
    percent(floatRight / pictures),
    percent(agreeing / pictures),
    kibibytes,
    speed.estimatedMs.toFixed(1),
    missed.length === 0 ? '–' : missed.join(', '),
  ];
}

const SHORT_COMMIT = 7;

/** A star: something was not committed. */
const commitOf = ({ commit, uncommitted }: HistoryRecord): string =>
  commit === null ? '–' : `${commit.slice(0, SHORT_COMMIT)}${uncommitted.length > 0 ? '*' : ''}`;

const LONGEST = 60;

function changeFrom(before: HistoryRecord | undefined, record: HistoryRecord): string {
  if (before === undefined) return '';
  const changes = keyChanges(before, record).map((change) => change.replace(/^key /, ''));
  if (before.provenance.lockSha256 !== record.provenance.lockSha256) changes.push('pictures');
  const [first, ...rest] = changes;
  if (first === undefined) return 'tools or code';
  const text = first.length <= LONGEST ? first : `${first.slice(0, LONGEST)}…`;
  return rest.length === 0 ? text : `${text} and ${rest.length} more`;
}

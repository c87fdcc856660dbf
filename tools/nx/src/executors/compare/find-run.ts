import { join } from 'node:path';
import {
  chooseRun,
  historyEmpty,
  HISTORY_FOLDER,
  nearRuns,
  readHistory,
  RUN_PREFIX,
  runUnknown,
} from '@graft/pipeline';
import type { HistoryRecord } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { gitIn } from '../../shared/git';
import { modelOf, runsOf } from '../../shared/runs';
import { commitNamed, recordAt } from './git-records';

export interface FoundRun {
  readonly record: HistoryRecord;
  /** What to know of how it was chosen. */
  readonly notes: readonly string[];
}

const only = (record: HistoryRecord): FoundRun => ({ record, notes: [] });

/** The run whose model lies among this experiment's outputs, or else its newest. @throws GraftError E513 */
export async function latestRun(context: ExecutorContext, project = context.projectName ?? ''): Promise<FoundRun> {
  const { records, current } = await runsIn(project, context);
  const record = current ?? records.at(-1);
  if (record === undefined) throw historyEmpty(project);
  return only(record);
}

/** The run before another one of the same experiment. @throws GraftError E511 where it is the first */
export async function previousRun(record: HistoryRecord, context: ExecutorContext): Promise<FoundRun> {
  const { records } = await runsIn(record.project, context);
  const index = records.findIndex((one) => modelOf(one) === modelOf(record));
  const before = records[(index < 0 ? records.length : index) - 1];
  if (before === undefined) throw runUnknown('the run before', nearRuns(records, ''));
  return only(before);
}

/**
 * What a person means by a word, tried in this order: digits of a model's digest, among the runs of this experiment and
 * then of all; an experiment or a variant, for its latest run; a branch or commit, for the run that belongs to it.
 * @param other the run to compare with; the latest of its own experiment is another than this one
 * @throws GraftError E511 … E514
 */
export async function findRun(wanted: string, context: ExecutorContext, other?: HistoryRecord): Promise<FoundRun> {
  const project = other?.project ?? context.projectName ?? '';
  const { records: own } = await runsIn(project, context);
  const { records: kept } = await readHistory(join(context.root, HISTORY_FOLDER));
  const all = [...own, ...kept.filter((record) => record.project !== project)];
  if (RUN_PREFIX.test(wanted)) {
    const begin = (records: readonly HistoryRecord[]) =>
      records.filter((record) => modelOf(record).startsWith(wanted.toLowerCase()));
    const found = begin(own).length > 0 ? begin(own) : begin(all);
    if (found.length > 0) return only(chooseRun(found, wanted));
  }
  if (wanted === project && other !== undefined) return latestBut(other, own);
  // A variant: pokedex-tiny is a run of the project pokedex.
  const named = own.findLast(({ provenance }) => wanted !== project && provenance.experiment === wanted);
  if (named !== undefined) return only(named);
  if (isExperiment(wanted, context) || all.some((record) => record.project === wanted))
    return latestRun(context, wanted);
  const commit = await commitNamed(gitIn(context.root), wanted);
  if (commit === null) throw runUnknown(wanted, nearRuns(own.length > 0 ? own : all, wanted.toLowerCase()));
  return recordAt(gitIn(context.root), { revision: wanted, commit }, project);
}

function latestBut(other: HistoryRecord, records: readonly HistoryRecord[]): FoundRun {
  const record = records.findLast((one) => modelOf(one) !== modelOf(other));
  if (record === undefined) throw runUnknown(`another run of ${other.project}`, nearRuns(records, ''));
  return only(record);
}

const isExperiment = (name: string, { projectsConfigurations }: ExecutorContext): boolean =>
  projectsConfigurations.projects[name]?.targets?.['history'] !== undefined;

/** Of a project that is gone there are still its records. */
function runsIn(project: string, { root, projectsConfigurations }: ExecutorContext) {
  const folder = projectsConfigurations.projects[project]?.root ?? join('apps', project);
  return runsOf({ projectName: project, projectFolder: join(root, folder), workspaceFolder: root });
}

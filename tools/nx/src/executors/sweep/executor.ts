import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { canonicalJson, formatError, GraftError, sha256, writeFileAtomic } from '@graft/foundation';
import {
  FRONT_FILE,
  percent,
  rankPoints,
  renderFront,
  renderSweepJson,
  renderSweepMarkdown,
  renderSweepPage,
  sweepLines,
} from '@graft/evaluation';
import type { SweepPointResult } from '@graft/evaluation';
import {
  countRuns,
  inSharedOrder,
  parseShard,
  pointsFailed,
  shardOf,
  stageCancelled,
  sweepMissing,
} from '@graft/pipeline';
import type { Experiment, Sweep } from '@graft/spec';
import type { ExecutorContext } from '@nx/devkit';
import { readChoice } from '../../shared/choice';
import type { Choice } from '../../shared/choice';
import { makerTools } from '../../shared/fingerprint';
import { readExperiment } from '../../shared/load-experiment';
import { experimentOf, guarded, say } from '../../shared/stage-executor';
import { workingFolder } from '../../shared/working-folder';
import { holding } from './hold';
import { measurePoint } from './measure-point';
import { prepareSweep, resultOf } from './prepare';
import type { PreparedSweep, SweepJob } from './prepare';
import { mergeRecords, recordFor, writeRecord } from './records';
import { reasonIn, runPoint } from './run-point';
import type { PointRun } from './run-point';

export interface SweepOptions {
  readonly plan: boolean;
  readonly shard?: string;
  readonly merge?: string;
}

/** What all points have in common. */
interface Ground extends Omit<PointRun, 'settings'> {
  readonly experiment: Experiment;
  readonly sweep: Sweep;
  readonly choice: Choice;
  readonly outFolder: string;
  readonly sweepFolder: string;
  readonly tools: string;
}

export default function sweepExecutor(options: SweepOptions, context: ExecutorContext) {
  return guarded(async (signal) => {
    const ground = await groundOf(context, signal);
    const load = (settings: PreparedSweep['jobs'][number]['point']): Experiment =>
      readExperiment(context.root, join(ground.outFolder, '..'), () => undefined, {
        variant: ground.variant,
        settings: [...ground.choice.settings, ...settings.assignments],
      });
    const prepared = prepareSweep(ground.sweep, load);
    const shard = options.shard === undefined ? { number: 1, count: 1 } : parseShard(options.shard);
    const jobs = shardOf(prepared.jobs, shard);
    if (options.merge !== undefined) {
      const folders = options.merge.split(',').map((folder) => resolve(workingFolder(context.cwd), folder));
      const results = await mergeRecords(inSharedOrder(prepared.jobs), [ground.sweepFolder, ...folders]);
      return finish(ground, [...results, ...prepared.skipped], options);
    }
    printPlan(ground, jobs, prepared);
    if (options.plan) return;
    const results = await holding(join(ground.outFolder, '.sweep.lock'), () => runAll(ground, jobs));
    await finish(ground, [...results, ...prepared.skipped], options);
  });
}

async function groundOf(context: ExecutorContext, signal: AbortSignal): Promise<Ground> {
  const { projectName, projectFolder } = experimentOf(context);
  const choice = readChoice();
  const experiment = readExperiment(context.root, projectFolder, say, choice);
  const { sweep } = experiment;
  if (sweep === null) throw sweepMissing(join(relative(context.root, projectFolder), 'experiment.yaml'));
  const outFolder = join(projectFolder, 'out');
  return {
    ...{ workspaceFolder: context.root, projectName, variant: choice.variant, signal },
    ...{ experiment, sweep, choice, outFolder, sweepFolder: join(outFolder, 'sweep') },
    tools: sha256(canonicalJson(await makerTools(context.root))),
  };
}

function printPlan({ experiment }: Ground, jobs: readonly SweepJob[], { jobs: all, skipped }: PreparedSweep): void {
  const part = jobs.length === all.length ? '' : ` of ${all.length}`;
  const left = skipped.length === 0 ? '' : `, ${skipped.length} left out`;
  say(`sweep of ${experiment.title}: ${jobs.length}${part} points${left}`);
  say(`stages to run at most: ${[...countRuns(jobs)].map(([stage, runs]) => `${stage} ${runs}`).join(', ')}`);
  jobs.forEach(({ point }, index) => say(`  ${String(index + 1).padStart(3)}  ${point.label}`));
  skipped.forEach(({ label, reason }) => say(`  left out: ${label}: ${reason}`));
}

/** One after the other, since the stages use all cores. A point that fails is told, and the others go on. */
async function runAll(ground: Ground, jobs: readonly SweepJob[]): Promise<SweepPointResult[]> {
  const results: SweepPointResult[] = [];
  const before = existsSync(join(ground.outFolder, 'export-kmodel', `${ground.experiment.title}.kmodel`));
  const startedMs = Date.now();
  for (const [index, job] of jobs.entries()) {
    say(`[${index + 1}/${jobs.length}] ${job.point.label}`);
    const { result, ran } = await runOne(ground, job);
    if (ground.signal.aborted) {
      say(`${index} of ${jobs.length} points are done; the same command goes on from there`);
      throw stageCancelled('export-kmodel');
    }
    await writeRecord(ground.sweepFolder, recordFor(job, ground.tools, result));
    results.push(result);
    const left = jobs.length - index - 1;
    const timeLeft = left === 0 ? '' : `; about ${duration(((Date.now() - startedMs) / (index + 1)) * left)} left`;
    say(`      ${wordsFor(result)} (${ran.length === 0 ? 'all from the cache' : `ran ${ran.join(', ')}`})${timeLeft}`);
  }
  // Outputs take turns, and whoever looks there next shall find the experiment's own.
  if (before) await runPoint({ ...ground, settings: ground.choice.settings });
  return results;
}

async function runOne(ground: Ground, job: SweepJob): Promise<{ result: SweepPointResult; ran: readonly string[] }> {
  const { point } = job;
  const outcome = await runPoint({ ...ground, settings: [...ground.choice.settings, ...point.texts] });
  const log = join(ground.sweepFolder, 'logs', `${point.id}.log`);
  await writeFileAtomic(log, outcome.output);
  const reason = outcome.ok ? '' : reasonIn(outcome.output);
  try {
    // A point that misses what is required has been measured all the same.
    if (!outcome.ok && !isRequirement(reason)) return { result: resultOf(point, 'failed', reason), ran: outcome.ran };
    const figures = await measurePoint(job, ground.outFolder);
    const result: SweepPointResult = { ...resultOf(point, outcome.ok ? 'done' : 'missed', reason), figures };
    return { result, ran: outcome.ran };
  } catch (error) {
    if (!(error instanceof GraftError)) throw error;
    return { result: resultOf(point, 'failed', formatError(error).split('\n')[0]), ran: outcome.ran };
  }
}

const isRequirement = (reason: string): boolean => /^E7[14]\d: /.test(reason);

function wordsFor({ status, reason, figures }: SweepPointResult): string {
  const measured =
    figures === null
      ? ''
      : `device ${percent(figures.device.value)}, ${(figures.kmodelBytes / 1000).toFixed(1)} KB, ${figures.estimatedMs.toFixed(1)} ms`;
  return [measured, ...(status === 'done' ? [] : [reason])].filter((text) => text !== '').join('; ');
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

async function finish(ground: Ground, results: readonly SweepPointResult[], options: SweepOptions): Promise<void> {
  const { experiment, sweep, sweepFolder } = ground;
  const ranked = rankPoints(results, { rankBy: sweep.rankBy, confidence: experiment.spec.evaluate.confidence });
  const names = { title: experiment.title, command: commandOf(ground, options) };
  await writeFileAtomic(join(sweepFolder, 'sweep.html'), renderSweepPage(ranked, names));
  await writeFileAtomic(join(sweepFolder, 'sweep.md'), renderSweepMarkdown(ranked, names));
  await writeFileAtomic(join(sweepFolder, 'sweep.json'), renderSweepJson(ranked, names));
  await writeFileAtomic(join(sweepFolder, FRONT_FILE), renderFront(ranked));
  sweepLines(ranked).forEach(say);
  say(`written: ${relative(ground.workspaceFolder, join(sweepFolder, 'sweep.html'))}`);
  const failed = results.filter(({ status }) => status === 'failed' || status === 'missed');
  if (failed.length > 0) throw pointsFailed(failed.map(({ label, reason }) => `${label}: ${reason}`));
}

function commandOf({ projectName, choice }: Ground, { shard }: SweepOptions): string {
  const words = [
    ...(choice.variant === '' ? [] : [`--configuration=${choice.variant}`]),
    ...choice.settings.map((text) => `--set '${text}'`),
    ...(shard === undefined ? [] : [`--shard ${shard}`]),
  ];
  return [`npx nx run ${projectName}:sweep`, ...words].join(' ');
}

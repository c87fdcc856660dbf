import { join } from 'node:path';
import { DiagnosticsError, formatError } from '@graft/foundation';
import type { Diagnostic, Report } from '@graft/foundation';
import { runStage, stageNamed } from '@graft/pipeline';
import type { StageContext, StageName } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { interruptSignal } from './interrupt';
import { progressPrinter } from './progress';
import { toolFingerprint } from './fingerprint';
import { stageTimer, timingFolder } from './timing';

/** What an executor hands to its one library call. */
export interface StageJob<Settings> extends Omit<StageContext, 'settings'> {
  readonly settings: Settings;
  readonly projectName: string;
  /** Absolute. */
  readonly projectFolder: string;
  readonly workspaceFolder: string;
  /** Content-addressed and per-picture caches shared by all experiments; never part of an output. */
  readonly cacheFolder: string;
  readonly report: Report;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Of a stage whose output stays as it is. */
export interface UnchangedJob extends Pick<StageJob<unknown>, 'projectName' | 'say'> {
  /** The output. */
  readonly folder: string;
}

export type StageExecutor<Options> = (options: Options, context: ExecutorContext) => Promise<{ success: boolean }>;

/**
 * Turns a stage's work into an Nx executor: paths, interruption, progress, manifest, and errors as people read them.
 * Errors that the work returns, instead of throwing them, fail the task after its output is in place. Options may decide what
 * is printed, and nothing else: settings are no options.
 * @param unchanged asked instead where the output is whole and a run would write the same; see `runStage`.
 */
export function stageExecutor<Settings, Options = unknown>(
  stage: StageName,
  work: (job: StageJob<Settings>, options: Options) => Promise<void | readonly Diagnostic[]>,
  unchanged?: (job: UnchangedJob) => Promise<void>,
): StageExecutor<Options> {
  return (options, context) =>
    guarded(async (signal, report) => {
      const { projectName, projectFolder } = experimentOf(context);
      const run = {
        stage,
        outFolder: join(projectFolder, 'out'),
        tools: await toolFingerprint(stageNamed(stage), context.root),
        signal,
      };
      const timer = stageTimer(stage, run.outFolder, timingFolder(cacheFolderOf(context.root), projectName));
      const doWork = (stageContext: StageContext) => {
        timer.begin();
        return work(
          {
            ...stageContext,
            // The slice was written by `resolve` from a checked spec, and its manifest was verified a moment ago.
            settings: stageContext.settings as Settings,
            projectName,
            projectFolder,
            workspaceFolder: context.root,
            cacheFolder: cacheFolderOf(context.root),
            report,
            say,
            signal,
          },
          options,
        );
      };
      const keep = unchanged && ((folder: string) => unchanged({ folder, projectName, say }));
      const errors = await runStage(run, doWork, keep);
      await timer.end();
      if (errors !== undefined && errors.length > 0) throw new DiagnosticsError(errors);
    });
}

/** Runs work for a person at a terminal: errors are printed as sentences and end in failure, never in a stack trace. */
export async function guarded(
  work: (signal: AbortSignal, report: Report) => Promise<void>,
): Promise<{ success: boolean }> {
  const { signal, release } = interruptSignal();
  const printer = progressPrinter(process.stderr);
  try {
    await work(signal, printer.report);
    return { success: true };
  } catch (error) {
    printer.stop();
    process.stderr.write(`\n${formatError(error)}\n`);
    return { success: false };
  } finally {
    printer.stop();
    release();
  }
}

export function experimentOf(context: ExecutorContext): { projectName: string; projectFolder: string } {
  const projectName = context.projectName ?? '';
  const project = context.projectsConfigurations.projects[projectName];
  if (project === undefined) throw new Error(`internal: Nx named no project`);
  return { projectName, projectFolder: join(context.root, project.root) };
}

export function cacheFolderOf(workspaceFolder: string): string {
  return process.env['GRAFT_CACHE_DIRECTORY'] ?? join(workspaceFolder, '.graft');
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TemporaryWorkspace } from '@graft/testkit';
import { makePhotographs } from './made-photographs';
import type { Effort } from './training-peer';

/** One stage, run in a process of its own; `nx` is the whole command with all stages before it. */
export interface LargeStep {
  readonly what: string;
  /** Processor time and memory of `nx` are not known: it starts processes. */
  readonly effort: Pick<Effort, 'wallSeconds'> & Partial<Effort>;
  /** What the stage says of its pictures. */
  readonly said: string;
}

const EXPERIMENT = `version: 1
name: large
classes: [blue, red]
dataset: { sources: [{ type: directory, path: ./images }] }
model: { weights: none, alpha: 0.25, output: conv_pw_3_relu }
`;
const REPOSITORY = join(__dirname, '../../..');
const run = promisify(execFile);

/** Takes many small photographs through `fetch`, `check` and `preprocess`: all new, nothing new, one more. */
export async function benchLarge(count: number, report: (step: LargeStep) => void, withNx = true): Promise<void> {
  const workspace = TemporaryWorkspace.create(REPOSITORY);
  const images = join(workspace.folder, 'apps/large/images');
  const made = { height: 240, width: 320 };
  const step = async (what: string, stage: string): Promise<void> => report(await runStage(what, stage, workspace));
  try {
    workspace.write('project.yaml', 'version: 1\n');
    workspace.write('apps/large/experiment.yaml', EXPERIMENT);
    await makePhotographs(images, { ...made, count });
    await step('resolve', 'resolve');
    await step('fetch', 'fetch');
    await step('fetch, nothing new', 'fetch');
    await step('check', 'check');
    await step('check, nothing new', 'check');
    await step('preprocess', 'preprocess');
    await step('preprocess, nothing new', 'preprocess');
    await makePhotographs(images, { ...made, count: 1 }, count);
    await step('fetch, one more', 'fetch');
    await step('preprocess, one more', 'preprocess');
    if (!withNx) return;
    await workspace.nx('run', 'large:preprocess');
    report(await runNx(workspace));
  } finally {
    workspace.dispose();
  }
}

async function runStage(what: string, stage: string, { folder }: TemporaryWorkspace): Promise<LargeStep> {
  const program = join(folder, 'tools/bench/src/stage-process.ts');
  const args = ['-r', join(folder, 'tools/nx/load-typescript.cjs'), program, folder, 'large', stage];
  const { stdout, stderr } = await run(process.execPath, args, { maxBuffer: 2 ** 26 });
  const lines = stdout.trim().split('\n');
  const { success, ...effort }: Effort & { success: boolean } = JSON.parse(lines.at(-1) ?? '');
  if (!success) throw new Error(`${stage} has failed: ${stderr.trim()}`);
  return { what, effort, said: saidOf(lines) };
}

async function runNx(workspace: TemporaryWorkspace): Promise<LargeStep> {
  const started = performance.now();
  const { exitCode, output } = await workspace.nx('run', 'large:preprocess');
  if (exitCode !== 0) throw new Error(`nx has failed: ${output}`);
  const wallSeconds = (performance.now() - started) / 1000;
  return { what: 'nx run large:preprocess, nothing new', effort: { wallSeconds }, said: saidOf(output.split('\n')) };
}

function saidOf(lines: readonly string[]): string {
  return lines.find((line) => /decoded|kept|downloaded/.test(line))?.trim() ?? '';
}

export const LARGE_HEAD = '| step | seconds | processor seconds | memory | says |\n| --- | --- | --- | --- | --- |';

export function renderLargeStep({ what, effort, said }: LargeStep): string {
  const { wallSeconds, processorSeconds, peakBytes } = effort;
  const memory = peakBytes === undefined ? '–' : `${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
  return `| ${[what, wallSeconds.toFixed(2), processorSeconds?.toFixed(2) ?? '–', memory, said].join(' | ')} |`;
}

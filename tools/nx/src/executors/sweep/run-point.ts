import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PointRun {
  readonly workspaceFolder: string;
  readonly projectName: string;
  /** Empty: none. */
  readonly variant: string;
  /** As `--set` takes them. */
  readonly settings: readonly string[];
  readonly signal: AbortSignal;
}

export interface PointOutcome {
  readonly ok: boolean;
  /** Standard output and error. */
  readonly output: string;
  /** Stages that ran; all others came from the cache. */
  readonly ran: readonly string[];
}

/**
 * Makes the kmodel of one point with the build tool itself, as by hand on the command line: its cache, also one that machines
 * share, is what lets points share stages and a sweep be taken up again.
 */
export async function runPoint(run: PointRun): Promise<PointOutcome> {
  const child = spawn(process.execPath, [...wordsOf(run)], {
    cwd: run.workspaceFolder,
    env: environmentOf(process.env),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const parts: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => parts.push(part));
  child.stderr?.on('data', (part: Buffer) => parts.push(part));
  const stop = (): void => void child.kill('SIGTERM');
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    const [code]: unknown[] = await once(child, 'close');
    const output = Buffer.concat(parts).toString('utf8');
    return { ok: code === 0, output, ran: stagesRun(output) };
  } finally {
    run.signal.removeEventListener('abort', stop);
  }
}

function wordsOf({ workspaceFolder, projectName, variant, settings }: PointRun): string[] {
  return [
    join(__dirname, 'run-with-parent.cjs'),
    buildTool(workspaceFolder),
    'run',
    `${projectName}:export-kmodel`,
    ...(variant === '' ? [] : [`--configuration=${variant}`]),
    ...settings.map((text) => `--set=${text}`),
    '--output-style=static',
  ];
}

function buildTool(workspaceFolder: string): string {
  const description = createRequire(join(workspaceFolder, 'package.json')).resolve('nx/package.json');
  const { bin }: { bin: { nx: string } } = JSON.parse(readFileSync(description, 'utf8'));
  return join(dirname(description), bin.nx);
}

/** What the build tool told the task that started it is not meant for the build tool that this one starts. */
function environmentOf(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own =
    /^NX_(?:TASK_|TERMINAL_|STREAM_OUTPUT$|PREFIX_OUTPUT$|FORKED_|CLI_SET$|INVOKED_BY_RUNNER$|WORKSPACE_ROOT$)/;
  const kept = Object.entries(environment).filter(([name]) => !own.test(name) && name !== 'FORCE_COLOR');
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}

/** Of the lines with which the build tool heads the output of its tasks. */
export function stagesRun(output: string): string[] {
  return [...output.matchAll(/^> nx run [^:\s]+:(\S+)(.*)$/gm)].flatMap(([, stage, rest]) =>
    rest.includes('cache]') || rest.includes('match the cache') ? [] : [stage.split(':')[0]],
  );
}

/** Why a run failed, in a line: the first error with a code, or its last words. */
export function reasonIn(output: string): string {
  const [, code, message] = /^error\[(E\d{3})\] (.*)$/m.exec(output) ?? [];
  if (code !== undefined) return `${code}: ${message}`;
  const last = output.split('\n').findLast((line) => line.trim() !== '');
  return last?.trim() ?? 'it ended without a word';
}

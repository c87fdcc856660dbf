import { spawn } from 'node:child_process';
import type { Report } from '@graft/foundation';
import { flashStopped, kflashFailed, kflashMissing } from '../errors';

export interface KflashRun {
  /** Program to run; found in PATH where it is a plain name. */
  readonly program: string;
  readonly arguments: readonly string[];
  readonly totalBytes: number;
  /** After this long it is stopped: it can wait for ever. */
  readonly limitMs: number;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** So much of the end of its output goes into a message. */
const TAIL_LINES = 5;

/**
 * Runs kflash and reads its words as well as its exit status: it goes on after a block that the board refused, and ends
 * with success.
 * @throws GraftError E412, E418, E419
 */
export async function runKflash({
  program,
  arguments: words,
  totalBytes,
  limitMs,
  report,
  signal,
}: KflashRun): Promise<void> {
  const output: string[] = [];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: process.env });
  let isLate = false;
  let percent = 0;
  const timer = setTimeout(() => (isLate = child.kill('SIGKILL')), limitMs);
  const stop = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop);
  const hear = (bytes: Buffer): void => {
    output.push(bytes.toString('latin1'));
    const share = percentage(bytes.toString('latin1'));
    if (share === null) return;
    percent = share;
    report({
      type: 'progress',
      task: 'writing with kflash',
      done: Math.round((share / 100) * totalBytes),
      total: totalBytes,
      unit: 'byte',
    });
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', (error) => reject(kflashMissing(program, error)));
      child.on('close', resolve);
    });
    if (signal?.aborted === true) throw flashStopped(stateAt(percent));
    const text = output.join('');
    if (isLate) throw kflashFailed(`it did not end within ${Math.round(limitMs / 1000)} s`, tail(text));
    if (status !== 0) throw kflashFailed(`it ended with status ${status ?? 'none'}`, tail(text));
    if (/checksum error/i.test(text))
      throw kflashFailed('the board refused a block, and it went on without it', tail(text));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** The last percentage of a piece of output, such as `Programming BIN: |===---| 25.0% 84kiB/s`. */
function percentage(text: string): number | null {
  const found = [...text.matchAll(/(\d{1,3}(?:\.\d+)?)%/g)].at(-1);
  return found === undefined ? null : Number(found[1]);
}

function stateAt(percent: number): string[] {
  if (percent === 0) return ['kflash had written nothing yet'];
  return [
    `kflash was about ${percent} % through the file that it was writing, which is not whole`,
    'the board must not use it before it is flashed again, which mends it',
  ];
}

const tail = (text: string): string[] =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[^\x20-\x7e]/g, '').trim())
    .filter((line) => line !== '')
    .slice(-TAIL_LINES);

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Git = (...words: readonly string[]) => Promise<string>;

/** What git prints in a folder; rejects where git is missing or refuses. No shell sees the words. */
export const gitIn =
  (folder: string): Git =>
  (...words) =>
    run('git', words, { cwd: folder, maxBuffer: 2 ** 26 }).then(({ stdout }) => stdout);

import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIMIT_MS = 240_000;

/** Unpacks packages into a folder, beside no others: exact versions, digests checked by pip. */
export async function installPinned(python: string, requirements: string, target: string): Promise<void> {
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--no-compile'];
  const what = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '-r', requirements, '--target', target];
  await run(python, [...pip, ...what], { timeout: LIMIT_MS, cwd: dirname(target) });
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf } from '@graft/foundation';
import { smokeTestFailed } from './errors';

/** Long enough for a slow disk to load the library. */
const TIME_MS = 120_000;

/** Computes with the addon in a process of its own, since a broken one may end it. @throws GraftError E684 */
export async function smokeTest(addon: string, signal: AbortSignal): Promise<string> {
  try {
    const script = join(__dirname, 'compute-known.cjs');
    const { stdout } = await promisify(execFile)(process.execPath, [script, addon], {
      signal,
      timeout: TIME_MS,
      env: { ...process.env, TF_ENABLE_ONEDNN_OPTS: '1', TF_CPP_MIN_LOG_LEVEL: '2' },
    });
    return versionIn(stdout);
  } catch (error) {
    signal.throwIfAborted();
    throw smokeTestFailed(complaintsOf(error));
  }
}

function versionIn(stdout: string): string {
  const [, version] = /^TensorFlow (\S+) computes right$/m.exec(stdout) ?? [];
  if (version === undefined) throw new Error(`the test ended without a result: ${stdout}`);
  return version;
}

function complaintsOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [String(error)];
  const written = 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : '';
  const wrong = written.split('\n').filter((line) => line.startsWith('wrong: '));
  if (wrong.length > 0) return wrong;
  if ('signal' in error && typeof error.signal === 'string') return [`the test was ended by ${error.signal}`];
  return [reasonOf(error).split('\n').slice(0, 6).join('\n')];
}

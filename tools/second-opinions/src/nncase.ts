import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { SCRIPTS, type PythonPeer } from './python-environment';
import { lastWords } from './last-words';

const run = promisify(execFile);

export const NNCASE_VERSION = '1.9.0.20230322';
const RUN_LIMIT_MS = 900_000;
const MOST_OUTPUT_BYTES = 64 * 2 ** 20;

/** A float network and pictures, planar bytes each. */
export interface NncaseJob {
  /** As `writeGraph` gives it. */
  readonly graph: { readonly json: string; readonly bin: Uint8Array };
  readonly calibration: readonly Uint8Array[];
  readonly test: readonly Uint8Array[];
}

export interface NncaseAnswer {
  /** Before softmax, one list a test picture: from the chip's arithmetic, in nncase's simulator. */
  readonly logits: readonly (readonly number[])[];
  readonly compileSeconds: number;
  /** For one picture. */
  readonly simulateSeconds: number;
  readonly bytes: number;
}

/** Python 3.10 is the last that it was published for. */
export const NNCASE: PythonPeer = {
  name: 'nncase',
  version: NNCASE_VERSION,
  python: '3.10',
  requirements: 'nncase-requirements.txt',
};

/** What ONNX Runtime and nncase answer; an error of nncase's own comes back as text. @throws Error of the export */
export async function askNncase(
  python: string,
  { graph, calibration, test }: NncaseJob,
): Promise<{ readonly float: readonly (readonly number[])[]; readonly device: NncaseAnswer | string }> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-nncase-'));
  try {
    await writeFile(join(folder, 'graph.json'), graph.json);
    await writeFile(join(folder, 'graph.bin'), graph.bin);
    await writeFile(join(folder, 'calibration.bin'), Buffer.concat(calibration));
    await writeFile(join(folder, 'test.bin'), Buffer.concat(test));
    const float: readonly (readonly number[])[] = JSON.parse(await script(python, 'nncase-export.py', folder));
    const device = await script(python, 'nncase-run.py', folder).then(
      (output): NncaseAnswer => JSON.parse(output.trim().split('\n').at(-1) ?? ''),
      (cause: unknown) => lastWords(cause),
    );
    return { float, device };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function script(python: string, name: string, folder: string): Promise<string> {
  // nncase leaves a report where it is started.
  const limits = { timeout: RUN_LIMIT_MS, maxBuffer: MOST_OUTPUT_BYTES, cwd: folder };
  const { stdout } = await run(python, [join(SCRIPTS, name), folder], limits);
  return stdout;
}

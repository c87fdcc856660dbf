import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { reasonOf } from './reason';

const run = promisify(execFile);

const REPOSITORY = join(__dirname, '../../..');
const SCRIPTS = join(__dirname, '..');
export const NNCASE_VERSION = '1.9.0.20230322';
/** The last Python that it was published for. */
const PYTHON_VERSION = '3.10';
const INSTALL_LIMIT_MS = 300_000;
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

/** nncase is not to be had here; a reason, not a failure. */
export class NncaseUnavailable extends Error {}

/**
 * The Python of an environment with nncase, made once in the repository's cache: pinned versions, digests checked by pip.
 * @throws NncaseUnavailable that says what is missing
 */
export async function installNncase(
  cache = join(REPOSITORY, '.graft'),
  pythons: readonly string[] = candidates(),
): Promise<string> {
  const installed = join(cache, `nncase-${NNCASE_VERSION}`);
  const program = join(installed, 'bin', 'python');
  if (existsSync(join(installed, DONE))) return program;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new NncaseUnavailable(
      `nncase ${NNCASE_VERSION} is published for Linux x86-64, and this is ${process.platform} ${process.arch}`,
    );
  const python = await findPython(pythons);
  await mkdir(cache, { recursive: true });
  // An environment names its own folder, so that it cannot be made beside and renamed; the mark comes last.
  await rm(installed, { recursive: true, force: true });
  try {
    await run(python, ['-m', 'venv', installed], { timeout: INSTALL_LIMIT_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
    const what = [
      '--no-deps',
      '--only-binary',
      ':all:',
      '--require-hashes',
      '-r',
      join(SCRIPTS, 'nncase-requirements.txt'),
    ];
    await run(program, [...pip, ...what], { timeout: INSTALL_LIMIT_MS });
    await writeFile(join(installed, `${DONE}.new`), '');
    await rename(join(installed, `${DONE}.new`), join(installed, DONE));
  } catch (cause) {
    await rm(installed, { recursive: true, force: true });
    throw new NncaseUnavailable(`nncase ${NNCASE_VERSION} cannot be installed: ${reasonOf(cause)}`);
  }
  return program;
}

const DONE = 'installed';

function candidates(): readonly string[] {
  const named = process.env['GRAFT_PYTHON'];
  return named === undefined ? [`python${PYTHON_VERSION}`, 'python3'] : [named];
}

async function findPython(pythons: readonly string[]): Promise<string> {
  for (const python of pythons) {
    const version = 'import sys; print("%d.%d" % sys.version_info[:2])';
    const found = await run(python, ['-c', version], { timeout: 10_000 }).catch(() => null);
    if (found?.stdout.trim() === PYTHON_VERSION) return python;
  }
  throw new NncaseUnavailable(
    `nncase ${NNCASE_VERSION} needs Python ${PYTHON_VERSION}, and ${pythons.join(' and ')} are not that; name one with GRAFT_PYTHON`,
  );
}

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
      (cause: unknown) => reasonOf(cause),
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

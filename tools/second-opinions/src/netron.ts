import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

import { installPinned } from './install-pinned';
import { lastWords } from './last-words';

const run = promisify(execFile);

const REPOSITORY = join(__dirname, '../../..');
const NETRON = {
  version: '9.3.3',
  wheelSha256: '37e94827e9eddadc27b94b70aacdd531436ce56b467dcba3c52144709e3612bb',
};
const PYTHON = process.platform === 'win32' ? 'python' : 'python3';
const PARSE_LIMIT_MS = 60_000;
const MOST_OUTPUT_BYTES = 64 * 2 ** 20;
/** Of what a program said last. */
const MOST_LINES = 3;

/** What netron makes of a file. */
export interface NetronModel {
  /** For example "kmodel v3". */
  readonly format: string;
  readonly graphs: readonly NetronGraph[];
}

export interface NetronGraph {
  readonly inputs: readonly NetronArgument[];
  readonly outputs: readonly NetronArgument[];
  readonly nodes: readonly NetronNode[];
}

export interface NetronNode {
  /** For example "K210_CONV". */
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly inputs: readonly NetronArgument[];
  readonly outputs: readonly NetronArgument[];
  /** What netron draws glued to the node: norm and activation. */
  readonly chain: readonly NetronNode[];
}

export interface NetronArgument {
  readonly name: string;
  readonly values: readonly NetronValue[];
}

/** An edge, or a constant with its bytes counted and digested. */
export interface NetronValue {
  /** Memory and address; "#n" is added where layer n uses a place again. Empty for constants. */
  readonly name: string;
  readonly dataType?: string;
  readonly shape?: readonly number[];
  readonly bytes?: number;
  readonly sha256?: string;
}

/** Whether GRAFT_NETRON=1 asks for the tests that need Python, pip and a package index. */
const netronAsked = process.env['GRAFT_NETRON'] === '1';

/** `describe` for tests with netron: skipped, with a line that tells how to turn them on, unless asked for. */
export function describeWithNetron(title: string, body: () => void): void {
  if (netronAsked) {
    describe(title, body);
    return;
  }
  // The test runner prints no title of a file in which every test is skipped.
  process.stderr.write(`"${title} …" is skipped: GRAFT_NETRON=1 npm test -- netron (needs Python with pip)\n`);
  describe.skip(title, body);
}

/** The graphs that netron's own parser finds in each file. @throws Error with what netron said */
export async function netronModels(netron: string, files: readonly string[]): Promise<readonly NetronModel[]> {
  const script = join(__dirname, '../netron-graphs.mjs');
  const limits = { timeout: PARSE_LIMIT_MS, maxBuffer: MOST_OUTPUT_BYTES };
  try {
    const { stdout } = await run(process.execPath, [script, netron, ...files], limits);
    return JSON.parse(stdout) as readonly NetronModel[];
  } catch (cause) {
    throw new Error(
      `netron cannot open ${files.map((file) => basename(file)).join(', ')}: ${lastWords(cause, MOST_LINES)}`,
    );
  }
}

/** As {@link netronModels}, for bytes: netron is asked for files of the given names. */
export async function netronModelsOf(
  netron: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<readonly NetronModel[]> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-netron-'));
  try {
    const paths = Object.keys(files).map((name) => join(folder, name));
    await Promise.all(Object.values(files).map((bytes, index) => writeFile(paths[index], bytes)));
    return await netronModels(netron, paths);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The folder of netron's JavaScript, as published on the Python package index: one pinned version, its digest checked
 * by pip, unpacked once into the repository's cache. @throws Error that says what is missing
 */
export async function installNetron(cache = join(REPOSITORY, '.graft'), python = PYTHON): Promise<string> {
  const installed = join(cache, `netron-${NETRON.version}`);
  const scripts = join(installed, 'netron');
  if (existsSync(scripts)) return scripts;
  await mkdir(cache, { recursive: true });
  const beside = await mkdtemp(join(cache, 'netron-incomplete-'));
  try {
    await pipInstall(python, beside);
    // Node takes the folder's .js files for ES modules, as browsers do, without a change in them.
    await writeFile(join(beside, 'package.json'), '{ "type": "module" }\n');
    await rename(beside, installed).catch((cause: unknown) => {
      // Another test file may have been faster.
      if (!existsSync(scripts)) throw cause;
    });
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  return scripts;
}

async function pipInstall(python: string, target: string): Promise<void> {
  const requirements = join(target, 'requirements.txt');
  await writeFile(requirements, `netron==${NETRON.version} --hash=sha256:${NETRON.wheelSha256}\n`);
  try {
    await installPinned(python, requirements, target);
  } catch (cause) {
    throw new Error(
      `GRAFT_NETRON=1 asks for netron ${NETRON.version}, and "${python} -m pip" could not install it: ${lastWords(cause, MOST_LINES)}`,
    );
  }
}

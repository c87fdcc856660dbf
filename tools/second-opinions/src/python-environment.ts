import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { lastWords } from './last-words';

const run = promisify(execFile);

const REPOSITORY = join(__dirname, '../../..');
/** Where the scripts and the lists of packages lie. */
export const SCRIPTS = join(__dirname, '..');
const INSTALL_LIMIT_MS = 600_000;

/** A program from the Python package index. */
export interface PythonPeer {
  readonly name: string;
  readonly version: string;
  /** The Python that its packages are published for: 3.10. */
  readonly python: string;
  /** A file beside the scripts: every package with version and digest. */
  readonly requirements: string;
}

/** The peer is not to be had here; a reason, not a failure. */
export class PeerUnavailable extends Error {}

/**
 * The Python of an environment with the peer, made once in the repository's cache: pinned versions, digests checked by pip.
 * @throws PeerUnavailable that says what is missing
 */
export async function installPeer(
  peer: PythonPeer,
  cache = join(REPOSITORY, '.graft'),
  pythons: readonly string[] = candidates(peer),
): Promise<string> {
  const what = `${peer.name} ${peer.version}`;
  const installed = join(cache, `${peer.name}-${peer.version}`);
  const program = join(installed, 'bin', 'python');
  if (existsSync(join(installed, DONE))) return program;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new PeerUnavailable(
      `${what} is taken for Linux x86-64 here, and this is ${process.platform} ${process.arch}`,
    );
  const python = await findPython(peer, pythons);
  await mkdir(cache, { recursive: true });
  // An environment names its own folder, so that it cannot be made beside and renamed; the mark comes last.
  await rm(installed, { recursive: true, force: true });
  try {
    await run(python, ['-m', 'venv', installed], { timeout: INSTALL_LIMIT_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
    const pinned = ['--no-deps', '--only-binary', ':all:', '--require-hashes'];
    await run(program, [...pip, ...pinned, '-r', join(SCRIPTS, peer.requirements)], { timeout: INSTALL_LIMIT_MS });
    await writeFile(join(installed, `${DONE}.new`), '');
    await rename(join(installed, `${DONE}.new`), join(installed, DONE));
  } catch (cause) {
    await rm(installed, { recursive: true, force: true });
    throw new PeerUnavailable(`${what} cannot be installed: ${lastWords(cause)}`);
  }
  return program;
}

const DONE = 'installed';

function candidates({ python }: PythonPeer): readonly string[] {
  const named = process.env['GRAFT_PYTHON'];
  return named === undefined ? [`python${python}`, 'python3'] : [named];
}

async function findPython(peer: PythonPeer, pythons: readonly string[]): Promise<string> {
  for (const python of pythons) {
    const version = 'import sys; print("%d.%d" % sys.version_info[:2])';
    const found = await run(python, ['-c', version], { timeout: 10_000 }).catch(() => null);
    if (found?.stdout.trim() === peer.python) return python;
  }
  throw new PeerUnavailable(
    `${peer.name} ${peer.version} needs Python ${peer.python}, and ${pythons.join(' and ')} are not that; name one with GRAFT_PYTHON`,
  );
}

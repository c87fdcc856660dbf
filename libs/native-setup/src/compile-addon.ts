import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compilerFailed, noCompiler } from './errors';
import { LIBRARIES } from './unpack-wheel';

export interface Compilation {
  readonly sources: readonly string[];
  readonly includes: readonly string[];
  /** Holds the libraries and receives the addon. */
  readonly folder: string;
  readonly addon: string;
  readonly signal: AbortSignal;
}

/** Compilers in the order in which they are tried; a CXX in the environment is the only one. */
export function compilers(environment: NodeJS.ProcessEnv): readonly string[] {
  const named = environment['CXX'];
  return named === undefined || named === '' ? ['c++', 'g++', 'clang++'] : [named];
}

/** The first that is there and answers. @throws GraftError E681 */
export async function findCompiler(names: readonly string[], signal: AbortSignal): Promise<string> {
  for (const name of names) {
    if (await answers(name, signal)) return name;
  }
  throw noCompiler(names);
}

async function answers(name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await promisify(execFile)(name, ['--version'], { signal });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** @throws GraftError E682 */
export async function compileAddon(compiler: string, compilation: Compilation): Promise<void> {
  try {
    await promisify(execFile)(compiler, compilerArguments(compilation), {
      signal: compilation.signal,
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (error) {
    compilation.signal.throwIfAborted();
    throw compilerFailed(compiler, outputOf(error));
  }
}

/** The addon finds its libraries beside itself, wherever the folder is moved. */
function compilerArguments({ sources, includes, folder, addon }: Compilation): string[] {
  return [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ...includes.map((include) => `-I${include}`),
    ...sources,
    ...['-o', join(folder, addon), `-L${folder}`],
    ...LIBRARIES.map((library) => `-l:${library}`),
    '-Wl,-rpath,$ORIGIN',
  ];
}

function outputOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('stderr' in error && typeof error.stderr === 'string' && error.stderr !== '') return error.stderr;
  return 'message' in error ? String(error.message) : '';
}

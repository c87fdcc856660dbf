import { isAbsolute, relative } from 'node:path';

/**
 * Where the person stands who started the build tool; paths on the command line are meant from there.
 * npx starts programs in the folder of the package around (for us libs/<name>, or the root) and leaves the place where
 * it was called in INIT_CWD. An INIT_CWD from elsewhere belongs to some npm further out, and is not believed.
 */
export function workingFolder(cwd: string, environment: NodeJS.ProcessEnv = process.env): string {
  const initial = environment['INIT_CWD'];
  if (initial === undefined) return cwd;
  const down = relative(cwd, initial);
  return down.startsWith('..') || isAbsolute(down) ? cwd : initial;
}

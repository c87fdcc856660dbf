import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const REPOSITORY = resolve(__dirname, '../../..');

/** Text of a file, by its path below the repository. */
export function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** Names in a folder, sorted. */
export function list(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder)).sort();
}

/** Everything that a clone would hold, by path below the repository. */
export function trackedFiles(): string[] {
  const output = execFileSync('git', ['ls-files', '-z'], { cwd: REPOSITORY, encoding: 'utf8', maxBuffer: 1 << 26 });
  return output.split('\0').filter((path) => path !== '');
}

/** Files below a folder, at any depth, by path below the repository, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => !path.includes('/node_modules/') && !path.includes('/out/'))
    .sort();
}

/** A source that is part of the product: no test, no sample for tests, no helper of tests. */
export function isProductSource(path: string): boolean {
  return path.endsWith('.ts') && !/\.(spec|sample)\.ts$|\/testing\//.test(path);
}

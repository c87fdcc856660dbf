import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { digestFiles, sha256File } from '@graft/foundation';

/** The lock of an experiment, beside its experiment.yaml. */
export const LOCK_FILE = 'experiment.lock.json';

interface SourceLike {
  readonly type: string;
  readonly path?: string | null;
  readonly list?: string | null;
}

/** What `fetch` reads from the disk beside its settings: the lock, and the folders, archives and lists of what it names, by digest. */
export async function fetchFiles(
  projectFolder: string,
  sources: readonly SourceLike[],
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const lock = join(projectFolder, LOCK_FILE);
  if (existsSync(lock)) files[LOCK_FILE] = await sha256File(lock);
  for (const { path, list } of sources) Object.assign(files, await digestsOf(projectFolder, path ?? list ?? null));
  return files;
}

/** Of a file, or of everything in a folder; nothing where there is neither. */
async function digestsOf(projectFolder: string, path: string | null): Promise<Record<string, string>> {
  const place = path === null ? undefined : statSync(resolve(projectFolder, path), { throwIfNoEntry: false });
  if (path === null || place === undefined) return {};
  const full = resolve(projectFolder, path);
  if (place.isFile()) return { [path]: await sha256File(full) };
  const names = await filesBelow(full);
  const digests = await digestFiles(names.map((name) => join(full, name)));
  // What cannot be read is left out here: `fetch` itself names it, all such files together.
  return Object.fromEntries(
    names.flatMap((name, at) => (digests[at] === null ? [] : [[`${path}/${name}`, digests[at].sha256]])),
  );
}

/** Files below a folder, forward slashes, sorted; what lies in folders that cannot be listed is not among them. */
async function filesBelow(folder: string, inside = ''): Promise<string[]> {
  const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries) {
    const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isFile()) names.push(name);
    else if (entry.isDirectory()) names.push(...(await filesBelow(folder, name)));
  }
  return names.sort();
}

/** What `resolve` reads: the experiment, what it extends, and project.yaml, by digest. */
export async function resolveFiles(workspaceFolder: string, paths: readonly string[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const path of paths) {
    const full = join(workspaceFolder, path);
    if (existsSync(full)) files[path] = await sha256File(full);
  }
  return files;
}

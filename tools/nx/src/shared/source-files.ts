import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sha256File } from '@graft/foundation';
import { listFiles } from '@graft/pipeline';

/** The lock of an experiment, beside its experiment.yaml. */
export const LOCK_FILE = 'experiment.lock.json';

interface SourceLike {
  readonly type: string;
  readonly path?: string | null;
  readonly list?: string | null;
}

/** What `fetch` reads from the disk beside its settings: the lock, and the folders, archives and lists of its sources, by digest. */
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
  return Object.fromEntries((await listFiles(full)).map((file) => [`${path}/${file.path}`, file.sha256]));
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

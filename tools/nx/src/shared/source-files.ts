import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sha256File } from '@graft/foundation';
import { listFiles } from '@graft/pipeline';

/** The lock of an experiment, beside its experiment.yaml. */
export const LOCK_FILE = 'experiment.lock.json';

interface SourceLike {
  readonly type: string;
  readonly path?: string;
}

/** What `fetch` reads from the disk beside its settings: the lock and the pictures of directory sources, by digest. */
export async function fetchFiles(
  projectFolder: string,
  sources: readonly SourceLike[],
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const lock = join(projectFolder, LOCK_FILE);
  if (existsSync(lock)) files[LOCK_FILE] = await sha256File(lock);
  for (const { path } of sources) {
    if (path === undefined || !existsSync(join(projectFolder, path))) continue;
    for (const file of await listFiles(join(projectFolder, path))) files[`${path}/${file.path}`] = file.sha256;
  }
  return files;
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

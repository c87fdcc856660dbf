import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sweepHeld } from '@graft/pipeline';

/** Keeps a second sweep of the same experiment away while `work` goes on. @throws GraftError E527 */
export async function holding<T>(path: string, work: () => Promise<T>): Promise<T> {
  const holder = await readFile(path, 'utf8').catch(() => null);
  if (holder !== null && isAlive(Number(holder))) throw sweepHeld(holder, path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, String(process.pid));
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRunning } from '@graft/foundation';
import { sweepHeld } from '@graft/pipeline';

/** Keeps a second sweep of the same experiment away while `work` goes on. @throws GraftError E527 */
export async function holding<T>(path: string, work: () => Promise<T>): Promise<T> {
  const holder = await readFile(path, 'utf8').catch(() => null);
  if (holder !== null && isRunning(Number(holder))) throw sweepHeld(holder, path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, String(process.pid));
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recordsIn, preprocessFiles } from './bench-preprocess';
import { serveRuns } from './serve-runs';

/**
 * preprocess-worker.ts FOLDER SIDE RESULTS: preprocesses the pictures of a folder into another one, each time with an empty
 * cache, in a process of its own; see bench-pillow.ts.
 */
async function main([folder, side, results]: readonly string[]): Promise<void> {
  const records = await recordsIn(folder);
  const work = () => preprocessFiles(records, folder, results, Number(side));
  const clear = () => rm(join(results, 'cache'), { recursive: true, force: true });
  await clear();
  await work();
  await serveRuns(work, clear);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

import { createInterface } from 'node:readline';

/**
 * The other end of a `Worker`: says that it is ready, works once for each line that it reads, and answers with an `Effort`. What
 * `prepare` does before each run is not counted.
 */
export async function serveRuns(
  work: () => Promise<unknown>,
  prepare: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  while ((await lines.next()).done !== true) {
    await prepare();
    process.stdout.write(`${JSON.stringify(await effortOf(work))}\n`);
  }
}

/** What a piece of work takes; memory is the most that the process has held so far. */
export async function effortOf(work: () => Promise<unknown>) {
  const [wall, processors] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(processors);
  return {
    wallSeconds: (performance.now() - wall) / 1e3,
    processorSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

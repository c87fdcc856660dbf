import { createInterface } from 'node:readline';

import { prepareJob, type TrainingJob } from './training-job';
import type { BackendName } from '@graft/training';

/** training-worker.ts BACKEND JOB: a process of its own for a job, so that its memory is its own; see training-peer.ts. */
async function main([backend, text]: readonly string[]): Promise<void> {
  const job: TrainingJob = JSON.parse(text);
  const name: BackendName = backend === 'tfjs-node' ? 'tfjs-node' : 'wasm';
  const work = await prepareJob(job, name);
  await work();
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  while ((await lines.next()).done !== true) {
    const [wall, processors] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(processors);
    const answer = { wallSeconds: (performance.now() - wall) / 1e3, processorSeconds: (user + system) / 1e6 };
    process.stdout.write(`${JSON.stringify({ ...answer, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

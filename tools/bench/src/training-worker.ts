import { serveRuns } from './serve-runs';
import { prepareJob, type TrainingJob } from './training-job';
import type { BackendName } from '@graft/training';

/** training-worker.ts BACKEND JOB: a process of its own for a job, so that its memory is its own; see training-peer.ts. */
async function main([backend, text]: readonly string[]): Promise<void> {
  const job: TrainingJob = JSON.parse(text);
  const name: BackendName = backend === 'tfjs-node' ? 'tfjs-node' : 'wasm';
  const { run, dispose } = await prepareJob(job, name);
  await run();
  await serveRuns(run);
  dispose();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Report } from '@graft/foundation';

export interface Simulation {
  readonly kmodel: Uint8Array;
  readonly count: number;
  /** Planar bytes of one picture. */
  readonly planes: (index: number) => Uint8Array;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Runs the kmodel on every picture, one thread a core. The outputs are in the order of the pictures. */
export async function simulateAll(simulation: Simulation): Promise<Float32Array[]> {
  const { count, report } = simulation;
  const outputs: Float32Array[] = new Array<Float32Array>(count);
  let next = 0;
  let done = 0;
  const take = (): number | null => (next < count && !simulation.signal.aborted ? next++ : null);
  const keep = (index: number, output: Float32Array): void => {
    outputs[index] = output;
    report({ type: 'progress', task: 'simulating the chip', done: ++done, total: count, unit: 'picture' });
  };
  const threads = Math.min(availableParallelism(), count);
  await Promise.all(Array.from({ length: threads }, () => runThread(simulation, take, keep)));
  simulation.signal.throwIfAborted();
  return outputs;
}

async function runThread(
  { kmodel, planes }: Simulation,
  take: () => number | null,
  keep: (index: number, output: Float32Array) => void,
): Promise<void> {
  const worker = new Worker(join(__dirname, 'simulate-worker.cjs'), { workerData: kmodel });
  try {
    await new Promise<void>((resolve, reject) => {
      const feed = (): void => {
        const index = take();
        if (index === null) resolve();
        else worker.postMessage({ index, planes: planes(index) });
      };
      worker.on('message', ({ index, output }: { index: number; output: Float32Array }) => {
        keep(index, output);
        feed();
      });
      worker.on('error', reject);
      feed();
    });
  } finally {
    await worker.terminate();
  }
}

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { askThread } from '@graft/foundation';
import type { TaskResult, TaskRunner } from '@graft/quantization';

/** Lends the quantizer one thread a core (`count` for another number) while `work` lasts. */
export async function withQuantizeThreads<T>(
  work: (tasks: TaskRunner) => Promise<T>,
  count = availableParallelism(),
): Promise<T> {
  const idle: Worker[] = [];
  const all: Worker[] = [];
  const take = (): Worker => {
    const waiting = idle.pop();
    if (waiting !== undefined) return waiting;
    const started = new Worker(join(__dirname, 'quantize-worker.cjs'));
    all.push(started);
    return started;
  };
  try {
    return await work({
      count,
      run: async (task) => {
        const worker = take();
        const result = (await askThread(worker, task)) as TaskResult;
        idle.push(worker);
        return result;
      },
    });
  } finally {
    await Promise.all(all.map((worker) => worker.terminate()));
  }
}

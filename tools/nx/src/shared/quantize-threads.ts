import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GraftError } from '@graft/foundation';
import type { QuantizationTask, TaskResult, TaskRunner } from '@graft/quantization';

type Answer =
  | { readonly result: TaskResult }
  | { readonly error: { readonly code?: string; readonly message: string; readonly hint?: string } };

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
        const answer = await ask(worker, task);
        idle.push(worker);
        if ('result' in answer) return answer.result;
        const { code, message, hint } = answer.error;
        throw code === undefined ? new Error(message) : new GraftError(code, { message, ...(hint && { hint }) });
      },
    });
  } finally {
    await Promise.all(all.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, task: QuantizationTask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answered = (answer: Answer): void => {
      worker.off('error', failed);
      resolve(answer);
    };
    const failed = (error: unknown): void => {
      worker.off('message', answered);
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    worker.once('message', answered);
    worker.once('error', failed);
    worker.postMessage(task);
  });
}

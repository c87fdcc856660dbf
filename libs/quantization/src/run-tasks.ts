import { setImmediate } from 'node:timers/promises';

import type { QuantizationTask, TaskResult, TaskRunner } from './tasks';

/** Lets timers and signals through between two pieces of work. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** Hands tasks out as runners get free; `take` hears of each result, in no certain order. */
export async function runTasks(
  tasks: readonly QuantizationTask[],
  { count, run }: TaskRunner,
  signal: AbortSignal,
  take: (result: TaskResult, index: number) => void,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < tasks.length) {
      const index = next++;
      await breathe(signal);
      take(await run(tasks[index]), index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, tasks.length) }, lane));
  signal.throwIfAborted();
}

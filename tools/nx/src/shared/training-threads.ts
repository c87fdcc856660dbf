import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Threads } from '@graft/training';

/** Each holds a network and its maps, up to some hundred megabytes. */
const MOST = 8;

/** What training and inference on wasm may take beside the main thread. @param count for another number than one a core */
export function trainingThreads(count = Math.min(MOST, availableParallelism())): Threads {
  return { count, start: (workerData) => new Worker(join(__dirname, 'training-worker.cjs'), { workerData }) };
}

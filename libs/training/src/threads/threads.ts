import type { Worker } from 'node:worker_threads';

import type { LearnerThread } from './learner-thread';
import type { NetworkThread } from './network-thread';

/**
 * Lends threads to a computation on wasm, which itself uses one processor. How a thread finds this library's sources is the
 * lender's affair.
 */
export interface Threads {
  /** How many are worth while at once: about the processors of this machine. No result depends on it. */
  readonly count: number;
  /** Starts a thread that calls `runThread` with its port and these data. The caller ends it. */
  start(data: ThreadData): Worker;
}

/** What a thread is for, and what it needs to begin. */
export type ThreadData = NetworkThread | LearnerThread;

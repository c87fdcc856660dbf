import { answerMessages } from '@graft/foundation';
import type { MessagePort } from 'node:worker_threads';

import { openBackend } from '../backend';
import { learnerProgram } from './learner-thread';
import { networkProgram } from './network-thread';
import type { ThreadData } from './threads';

/** The whole life of a thread that `Threads` has started. */
export function runThread(port: MessagePort, data: ThreadData): void {
  const opened = openBackend('wasm').then(() => {
    const program = data.task === 'network' ? networkProgram(data) : learnerProgram(data);
    return program as (message: unknown) => unknown;
  });
  // Whoever asks hears of it; a thread that nobody asks must not bring the process down.
  opened.catch(() => undefined);
  answerMessages(port, async (message) => (await opened)(message));
}

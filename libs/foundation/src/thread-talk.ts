import type { MessagePort, Worker } from 'node:worker_threads';

import { GraftError } from './errors';
import { reasonOf } from './reason';

/** What goes back from a thread. A class does not survive the way between threads; what an error says does. */
type Reply = { readonly answer: unknown } | { readonly error: Failure };

interface Failure {
  /** null: not a GraftError. */
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
  readonly details: readonly string[];
}

/** In a thread: answers each message of the main thread with what `work` makes of it, or with its error. */
export function answerMessages(port: MessagePort, work: (message: unknown) => unknown): void {
  port.on('message', async (message: unknown) => port.postMessage(await replyTo(message, work)));
}

async function replyTo(message: unknown, work: (message: unknown) => unknown): Promise<Reply> {
  try {
    return { answer: await work(message) };
  } catch (error) {
    if (!(error instanceof GraftError))
      return {
        error: { code: null, message: reasonOf(error), hint: null, details: [] },
      };
    const { code, message, hint = null, details } = error;
    return { error: { code, message, hint, details } };
  }
}

/**
 * Sends a message to a thread that runs `answerMessages` and waits for the answer; one message at a time for each thread.
 * @throws GraftError, or Error where the thread threw one or ended
 */
export function askThread(thread: Worker, message: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (act: () => void): void => {
      thread.off('message', answered).off('error', failed).off('exit', ended);
      act();
    };
    const answered = (reply: Reply): void =>
      done(() => ('answer' in reply ? resolve(reply.answer) : reject(errorOf(reply.error))));
    const failed = (error: unknown): void =>
      done(() => reject(error instanceof Error ? error : new Error(reasonOf(error))));
    const ended = (status: number): void =>
      done(() => reject(new Error(`a thread ended with status ${status} before it had answered`)));
    thread.once('message', answered).once('error', failed).once('exit', ended);
    thread.postMessage(message);
  });
}

function errorOf({ code, message, hint, details }: Failure): Error {
  return code === null
    ? new Error(message)
    : new GraftError(code, { message, details, ...(hint !== null && { hint }) });
}

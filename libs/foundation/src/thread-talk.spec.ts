import { MessageChannel, Worker } from 'node:worker_threads';

import { GraftError } from './errors';
import { answerMessages, askThread } from './thread-talk';

/** A thread's port without the thread: what a worker is to `askThread`. */
function asked(work: (message: unknown) => unknown) {
  const { port1, port2 } = new MessageChannel();
  answerMessages(port2, work);
  return { thread: port1 as unknown as Worker, close: () => port1.close() };
}

test('an answer comes back, also one that takes its time', async () => {
  const { thread, close } = asked(async (message) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return `${message}!`;
  });
  expect([await askThread(thread, 'one'), await askThread(thread, 'two')]).toEqual(['one!', 'two!']);
  close();
});

test('an error comes back with code, hint and details', async () => {
  const { thread, close } = asked(() => {
    throw new GraftError('E999', { message: 'no', hint: 'do so', details: ['here'] });
  });
  await expect(askThread(thread, 1)).rejects.toMatchObject({
    ...{ code: 'E999', message: 'no', hint: 'do so', details: ['here'] },
  });
  close();
});

test('an error of another kind comes back with its words', async () => {
  const { thread, close } = asked(() => {
    throw new RangeError('too far');
  });
  await expect(askThread(thread, 1)).rejects.toThrow(new Error('too far'));
  close();
});

test('a thread that ends before it has answered is an error', async () => {
  const thread = new Worker('require("node:worker_threads").parentPort.once("message", () => process.exit(3))', {
    eval: true,
  });
  await expect(askThread(thread, 1)).rejects.toThrow('a thread ended with status 3 before it had answered');
});

test('a thread that fails is an error with its words', async () => {
  const thread = new Worker('throw new Error("it does not load")', { eval: true });
  await expect(askThread(thread, 1)).rejects.toThrow('it does not load');
});

/** Lets timers, messages and an abort through; the work itself never waits. @throws the signal's reason when aborted */
export async function nextTurn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

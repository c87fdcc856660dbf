/** What follows so soon comes from the same Ctrl-C: the terminal tells every process, and the build tool tells its own again. */
const SAME_MS = 1000;

/** Aborts on Ctrl-C or a polite kill, so that a stage can clean up; a second Ctrl-C ends the process at once. */
export function interruptSignal(
  exit: (code: number) => void = process.exit,
  now: () => number = Date.now,
): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  let firstMs = 0;
  const abort = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) firstMs = now();
    else if (name === 'SIGINT' && now() - firstMs > SAME_MS) exit(130);
    controller.abort();
  };
  // They stay until they are released: a package that the build tool loads raises a signal again, and so ends the process,
  // where nobody listens any more.
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return {
    signal: controller.signal,
    release: () => {
      process.removeListener('SIGINT', abort);
      process.removeListener('SIGTERM', abort);
    },
  };
}

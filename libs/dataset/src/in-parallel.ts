/** So many files of a disk are read at a time, each held as a whole: enough that no processor waits for the disk. */
export const FILES_AT_A_TIME = 8;

/**
 * Does the work for every item, at most `limit` at a time, and gives the results in the order of the items. The first
 * failure ends it: `stop` falls for what still runs.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  caller: AbortSignal,
  work: (item: Item, stop: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results: { readonly index: number; readonly result: Result }[] = [];
  const controller = new AbortController();
  const stop = AbortSignal.any([caller, controller.signal]);
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      stop.throwIfAborted();
      results.push({ index, result: await work(item, stop) });
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker);
  try {
    await Promise.all(workers);
  } finally {
    controller.abort();
    await Promise.allSettled(workers);
  }
  return results.sort((a, b) => a.index - b.index).map(({ result }) => result);
}

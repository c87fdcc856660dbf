/**
 * Works on up to `concurrency` items at a time and yields the results in the order of the items. Finished results that
 * wait for an earlier one count as work in progress, so that no more than `concurrency` are ever held.
 */
export async function* mapOrdered<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  let next = 0;
  try {
    while (next < items.length || pending.length > 0) {
      while (next < items.length && pending.length < Math.max(1, concurrency)) {
        const result = work(items[next++]);
        // A failure is seen when its turn comes; until then it must not count as unhandled.
        result.catch(() => undefined);
        pending.push(result);
      }
      const first = pending.shift();
      if (first !== undefined) yield await first;
    }
  } finally {
    // Nothing goes on behind the caller's back.
    await Promise.allSettled(pending);
  }
}

/** Lets no more than `limit` pieces of work run at a time; others wait for their turn. */
export function limiter(limit: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let free = Math.max(1, limit);
  return async (work) => {
    // A place that is given back goes to the first in the queue, and is never free in between.
    if (free > 0) free--;
    else await new Promise<void>((turn) => waiting.push(turn));
    try {
      return await work();
    } finally {
      const turn = waiting.shift();
      if (turn === undefined) free++;
      else turn();
    }
  };
}

/** Files that are asked for at a time: where a disk or its cache answers late, others can be worked on. */
export const FILES_AT_A_TIME = 8;

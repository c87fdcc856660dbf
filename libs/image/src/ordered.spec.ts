import { limiter, mapOrdered } from './ordered';

const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('results come in the order of the items, however long each takes', async () => {
  const work = async (delay: number) => {
    await wait(delay);
    return delay;
  };
  expect(await collect(mapOrdered([8, 1, 5, 0, 3], 3, work))).toEqual([8, 1, 5, 0, 3]);
});

test('never more than the asked number is under way', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    most = Math.max(most, ++running);
    await wait(1);
    running--;
    return item;
  };
  await collect(mapOrdered([1, 2, 3, 4, 5, 6, 7], 3, work));
  expect(most).toBe(3);
});

test('a failure ends the work and waits for what is under way', async () => {
  let finished = 0;
  const work = async (item: number) => {
    if (item === 2) throw new Error('broken');
    await wait(5);
    finished++;
    return item;
  };
  await expect(collect(mapOrdered([1, 2, 3, 4, 5, 6], 3, work))).rejects.toThrow('broken');
  expect(finished).toBeLessThanOrEqual(3);
  const then = finished;
  await wait(15);
  expect(finished).toBe(then);
});

test('limited work waits for its turn, and a failure gives its place to the next', async () => {
  const limited = limiter(2);
  let running = 0;
  const most: number[] = [];
  const work = (item: number) => async () => {
    most.push(++running);
    await wait(2);
    running--;
    if (item % 3 === 0) throw new Error(`broken ${item}`);
    return item;
  };
  const results = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map((item) => limited(work(item))));
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'broken'))).toEqual([
    ...[1, 2, 'broken', 4, 5, 'broken', 7],
  ]);
  expect(Math.max(...most)).toBe(2);
  expect(await limited(work(8))).toBe(8);
});

import { inParallel } from './in-parallel';

const NOBODY = new AbortController().signal;
const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

test('results come in the order of the items, however long each takes', async () => {
  const work = async (delay: number) => {
    await wait(delay);
    return delay;
  };
  expect(await inParallel([8, 1, 5, 0, 3], 3, NOBODY, work)).toEqual([8, 1, 5, 0, 3]);
});

test('never more than the limit is under way, so that no more files are held', async () => {
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await wait(1);
    running -= 1;
  };
  await inParallel([...Array(20).keys()], 4, NOBODY, work);
  expect(most).toBe(4);
});

test('a failure stops the others, begins nothing new, and waits for what is under way', async () => {
  const begun: number[] = [];
  const stopped: number[] = [];
  const work = async (item: number, stop: AbortSignal) => {
    begun.push(item);
    if (item === 1) throw new Error('broken');
    await wait(5);
    if (stop.aborted) stopped.push(item);
  };
  await expect(inParallel([0, 1, 2, 3, 4, 5], 2, NOBODY, work)).rejects.toThrow('broken');
  expect(begun).toEqual([0, 1]);
  expect(stopped).toEqual([0]);
});

test('a caller that gives up ends it', async () => {
  const controller = new AbortController();
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    controller.abort(new Error('enough'));
  };
  await expect(inParallel([0, 1, 2], 1, controller.signal, work)).rejects.toThrow('enough');
  expect(begun).toEqual([0]);
});

import type { Prediction } from './prediction';

/**
 * Pictures with which a board shows that it answers as it was computed: first the one on which the chip is least sure,
 * since the smallest difference turns its answer, then the classes in turn. Which pictures of a class follows from their
 * ids alone. Fewer than `count` where there are not as many.
 */
export function chooseGolden(predictions: readonly Prediction[], count: number): Prediction[] {
  if (count === 0) return [];
  const sorted = [...predictions].sort((a, b) => (a.id < b.id ? -1 : 1));
  const closest = [...sorted].sort((a, b) => margin(a.device) - margin(b.device)).slice(0, 1);
  const queues = classesOf(sorted).map((label) =>
    sorted.filter((prediction) => prediction.label === label && !closest.includes(prediction)),
  );
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  const inTurn = Array.from({ length: longest }, (_, round) =>
    queues.flatMap((queue) => queue.slice(round, round + 1)),
  );
  return [...closest, ...inTurn.flat()].slice(0, count);
}

/** How far the answer is ahead of the next. */
function margin(probabilities: readonly number[]): number {
  const [first, second = 0] = [...probabilities].sort((a, b) => b - a);
  return first - second;
}

const classesOf = (predictions: readonly Prediction[]): number[] =>
  [...new Set(predictions.map(({ label }) => label))].sort((a, b) => a - b);

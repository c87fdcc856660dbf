import type { TrainSection } from '@graft/spec';

/**
 * The factor of each class in the loss, by index. balanced: pictures / (classes · pictures of the class), so that each class
 * weighs the same; by hand: as given by class key, 1 where not given.
 */
export function classWeights(
  rule: TrainSection['classWeights'],
  keys: readonly string[],
  labels: readonly number[],
): number[] {
  if (rule === 'none') return keys.map(() => 1);
  if (rule !== 'balanced') return keys.map((key) => rule[key] ?? 1);
  return keys.map((_, index) => {
    const count = labels.filter((label) => label === index).length;
    return count === 0 ? 1 : labels.length / (keys.length * count);
  });
}

import { choleskyInPlace, solveInPlace } from '@graft/foundation';

/** Sums over examples of the products of their numbers: all that a ridge regression needs to know of them. */
export interface Moments {
  readonly size: number;
  readonly targets: number;
  /** size × size, row by row; the lower triangle is filled. */
  readonly gram: Float64Array;
  /** targets × size, row by row. */
  readonly cross: Float64Array;
}

export function emptyMoments(size: number, targets: number): Moments {
  return { size, targets, gram: new Float64Array(size * size), cross: new Float64Array(targets * size) };
}

/** Adds an example in place; a negative `weight` takes it away again. */
export function addExample(to: Moments, example: Float64Array, targets: readonly number[], weight: number): void {
  const { size, gram, cross } = to;
  for (let row = 0; row < size; row++) {
    const factor = example[row] * weight;
    if (factor === 0) continue;
    for (let column = 0; column <= row; column++) gram[row * size + column] += factor * example[column];
    targets.forEach((target, at) => (cross[at * size + row] += factor * target));
  }
}

/**
 * Weights that map an example to its targets with the least squared error plus `penalty` times their squared length, by
 * the Cholesky factors of gram + penalty · 1. One array for each target.
 */
export function solveRidge({ size, targets, gram, cross }: Moments, penalty: number): Float64Array[] {
  const lower = Float64Array.from(gram);
  for (let row = 0; row < size; row++) lower[row * size + row] += penalty;
  choleskyInPlace(lower, size);
  return Array.from({ length: targets }, (_, at) => solveInPlace(lower, cross.slice(at * size, (at + 1) * size), size));
}

import type { FloatTailNode } from './quantized-graph';
import type { Range } from './range-observer';
import { activated, runTail } from './run-tail';

/** Real values of a layer behind the convolutions, over all calibration pictures of the float network. */
export interface TailRange {
  /** Of the layer. */
  readonly name: string;
  /** Before its activation; of a pool the same as after. */
  readonly before: Range;
  readonly after: Range;
  /** Mean of each value that a dense layer reads: times an error of weights it is the mean error of the sum. Empty for a pool. */
  readonly inputMeans: readonly number[];
}

/** @param pooled what each picture gives in front of the dense layers @returns one per pool and dense layer */
export function tailRanges(tail: readonly FloatTailNode[], pooled: readonly Float32Array[]): readonly TailRange[] {
  let values = pooled;
  const ranges: TailRange[] = [];
  for (const node of tail) {
    if (node.kind === 'softmax') continue;
    let before = values;
    const inputMeans = node.kind === 'dense' ? meansOf(values, node.inputs) : [];
    if (node.kind === 'dense') {
      const { activation } = node;
      before = values.map((vector) => runTail([{ ...node, activation: 'linear' }], vector, vector.length));
      values = before.map((vector) => vector.map((value) => activated(value, activation)));
    }
    ranges.push({ name: node.name, before: rangeOf(before), after: rangeOf(values), inputMeans });
  }
  return ranges;
}

function rangeOf(vectors: readonly Float32Array[]): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const vector of vectors)
    for (const value of vector) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  return { min, max };
}

function meansOf(vectors: readonly Float32Array[], size: number): readonly number[] {
  const sums = new Float64Array(size);
  for (const vector of vectors) vector.forEach((value, at) => (sums[at] += value));
  return Array.from(sums, (sum) => sum / vectors.length);
}

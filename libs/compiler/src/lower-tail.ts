import { isClamping, type LeakyRelu } from '@graft/model';
import type { TailNode } from '@graft/quantization';

import type { CpuNode, DenseNode } from './cpu-node';
import { notForTheCpu } from './errors';
import type { ProgramNode } from './kpu-program';
import { denseKpuLayer } from './lower-dense';

/** How a dense layer gets the activation's values from what the layers before it give instead. */
interface Reading {
  /** Values that stand for one value of the activation: factors, one for each block of inputs. */
  readonly factors: readonly number[];
  readonly offset: number;
}

const AS_THEY_ARE: Reading = { factors: [1], offset: 0 };

/**
 * Expresses activations by what the firmware has, exactly: a sigmoid is its logistic layer; tanh(x) = 2 · sigmoid(2x) − 1;
 * a leaky ReLU is relu(x) − alpha · relu(−x). The following dense layer takes up the factors. Dense layers in bytes have
 * theirs in tables. @throws GraftError E314
 */
export function lowerTail(tail: readonly TailNode[]): ProgramNode[] {
  let reading = AS_THEY_ARE;
  return tail.flatMap((node, index): ProgramNode[] => {
    if (node.kind === 'quantizedDense')
      return [{ kind: 'kpuDense', name: node.name, layers: node.layers.map(denseKpuLayer) }];
    if (node.kind !== 'dense') return [node];
    const dense = readBy(node, reading);
    const lowered = lowerDense(dense);
    reading = lowered.reading;
    if (reading !== AS_THEY_ARE && tail[index + 1]?.kind !== 'dense')
      throw notForTheCpu(node.name, node.activation, 'no dense layer follows that could take up its factors');
    return lowered.nodes;
  });
}

function readBy(dense: DenseNode, { factors, offset }: Reading): DenseNode {
  const { inputs, units } = dense;
  const weights = new Float32Array(factors.length * inputs * units);
  const bias = dense.bias.slice();
  for (let unit = 0; unit < units; unit++) {
    const row = dense.weights.subarray(unit * inputs, (unit + 1) * inputs);
    factors.forEach((factor, block) =>
      weights.set(
        row.map((weight) => weight * factor),
        (unit * factors.length + block) * inputs,
      ),
    );
    bias[unit] += offset * row.reduce((sum, weight) => sum + weight, 0);
  }
  return { ...dense, inputs: factors.length * inputs, weights, bias };
}

function lowerDense(dense: DenseNode): { readonly nodes: CpuNode[]; readonly reading: Reading } {
  const { name, activation } = dense;
  if (isClamping(activation)) return { nodes: [{ ...dense, activation }], reading: AS_THEY_ARE };
  if (typeof activation === 'object') return leaky(dense, activation);
  const logistic = { kind: 'logistic', name: `${name}_logistic` } as const;
  switch (activation) {
    case 'sigmoid':
      return { nodes: [{ ...dense, activation: 'linear' }, logistic], reading: AS_THEY_ARE };
    case 'tanh': {
      const doubled = { weights: dense.weights.map((weight) => 2 * weight), bias: dense.bias.map((bias) => 2 * bias) };
      return {
        nodes: [{ ...dense, ...doubled, activation: 'linear' }, logistic],
        reading: { factors: [2], offset: -1 },
      };
    }
    case 'hard_swish':
      throw notForTheCpu(name, activation, 'the firmware has no layer for it');
  }
}

/** Twice the units: the second half gives what is below 0. */
function leaky(dense: DenseNode, { alpha }: LeakyRelu) {
  const both = (values: Float32Array) => Float32Array.from([...values, ...values.map((value) => -value)]);
  const { weights, bias, units } = dense;
  const node: CpuNode = { ...dense, units: 2 * units, weights: both(weights), bias: both(bias), activation: 'relu' };
  return { nodes: [node], reading: { factors: [1, -alpha], offset: 0 } };
}

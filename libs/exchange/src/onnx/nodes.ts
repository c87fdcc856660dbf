import type { Activation, GraphNode } from '@graft/model';

import type { GraphBuilder, Name } from './graph-builder';

/** What both variants share: layers in float32. Each takes the name of its input and gives that of its output. */

export const PROBABILITIES = 'probabilities';

/** One pixel of zeros on all four sides of a 3×3 convolution: exactly what the KPU pads. */
export const padsOf = (kernel: 1 | 3): readonly number[] => new Array<number>(4).fill(kernel === 3 ? 1 : 0);

export function addActivation(builder: GraphBuilder, name: Name, activation: Activation, input: Name): Name {
  if (typeof activation === 'object')
    return builder.node('LeakyRelu', name, [input], { alpha: { float: activation.alpha } });
  switch (activation) {
    case 'linear':
      return builder.node('Identity', name, [input]);
    case 'relu':
      return builder.node('Relu', name, [input]);
    case 'relu6':
      return builder.node('Clip', name, [input, builder.float('zero', 0), builder.float('six', 6)]);
    case 'sigmoid':
      return builder.node('Sigmoid', name, [input]);
    case 'tanh':
      return builder.node('Tanh', name, [input]);
    case 'hard_swish': {
      // The operator of this name came with opset 14.
      const slope = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };
      return builder.node('Mul', name, [input, builder.node('HardSigmoid', `${name}_factor`, [input], slope)]);
    }
  }
}

/** A map to a vector: the mean of each channel, or the means and then the maxima. */
export function addPool(
  builder: GraphBuilder,
  { kind, name }: Pick<Extract<GraphNode, { kind: 'globalAveragePool' | 'globalAverageMaxPool' }>, 'kind' | 'name'>,
  input: Name,
): Name {
  const axis = { axis: { int: 1 } };
  if (kind === 'globalAveragePool')
    return builder.node('Flatten', name, [builder.node('GlobalAveragePool', `${name}_map`, [input])], axis);
  const parts = [
    builder.node('GlobalAveragePool', `${name}_average`, [input]),
    builder.node('GlobalMaxPool', `${name}_max`, [input]),
  ];
  return builder.node('Flatten', name, [builder.node('Concat', `${name}_map`, parts, axis)], axis);
}

interface Dense {
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export function addDense(builder: GraphBuilder, { name, inputs, units, weights, bias }: Dense, input: Name): Name {
  const parts = [
    builder.constant(`${name}/weights`, weights, [units, inputs]),
    builder.constant(`${name}/bias`, bias, [units]),
  ];
  return builder.node('Gemm', name, [input, ...parts], { transB: { int: 1 } });
}

export const addSoftmax = (builder: GraphBuilder, input: Name): Name =>
  builder.node('Softmax', PROBABILITIES, [input], { axis: { int: -1 } });

import { unreachable } from '@graft/foundation';
import { isClamping } from '@graft/model';
import type { Activation } from '@graft/model';
import type { TailNode, TailRange } from '@graft/quantization';
import type { QuantizationParameters } from '@graft/tensor';

import { noTailRange } from '../errors';
import { activationOperation, fusedActivation } from './activation-operation';
import { encodingOf, PROBABILITY_ENCODING, perTensor, TANH_ENCODING } from './int8-encoding';
import { addLayer } from './int8-layer';
import { roundedWeights, weightsOf } from './int8-weights';
import type { Int8Weights } from './int8-weights';
import type { ModelBuilder } from './model-builder';

/**
 * What follows the convolutions. Dense layers are 1×1 convolutions: they have a scale per output in every runtime, which
 * FULLY_CONNECTED has in new ones only.
 * @param channels of the last map @throws GraftError E842, E844
 */
export function addTail(
  builder: ModelBuilder,
  nodes: readonly TailNode[],
  channels: number,
  ranges: readonly TailRange[],
): void {
  const rangeOf = (name: string): TailRange => {
    const range = ranges.find((one) => one.name === name);
    if (range === undefined) throw noTailRange(name);
    return range;
  };
  for (const node of nodes) {
    const { name, kind } = node;
    if (kind === 'globalAveragePool') builder.pool(false, name, channels, perTensor(encodingOf(rangeOf(name).after)));
    else if (kind === 'globalAverageMaxPool') builder.pool(true, name, channels);
    else if (kind === 'dense') addDense(builder, roundedDense(node, rangeOf(name)), rangeOf(name));
    else if (kind === 'quantizedDense')
      for (const layer of node.layers) {
        addDense(builder, { ...layer, units: layer.output.channels, weights: weightsOf(layer) }, rangeOf(layer.name));
      }
    else if (kind === 'softmax') addSoftmax(builder);
    else unreachable(node);
  }
}

interface Int8Dense {
  readonly name: string;
  readonly units: number;
  readonly weights: Int8Weights;
  readonly bias: ArrayLike<number>;
  readonly activation: Activation;
}

/** With the bias moved by the mean of what rounding the weights does to the sum. */
function roundedDense(dense: Extract<TailNode, { kind: 'dense' }>, { inputMeans }: TailRange): Int8Dense {
  const { inputs, units } = dense;
  const weights = roundedWeights(dense.weights, units);
  const bias = Float64Array.from(dense.bias, (value, unit) => {
    const scale = weights.scales[unit];
    return inputMeans.reduce((sum, mean, input) => {
      const at = unit * inputs + input;
      return sum + (dense.weights[at] - weights.steps[at] * scale) * mean;
    }, value);
  });
  return { ...dense, weights, bias };
}

function addDense(builder: ModelBuilder, dense: Int8Dense, { before, after }: TailRange): void {
  const { name, units, weights, bias, activation } = dense;
  const pixel = { height: 1, width: 1 };
  addLayer(builder, {
    ...{ name, kind: 'convolution', kernel: 1, stride: 1, weights, bias, offset: 0 },
    fused: fusedActivation(activation),
    input: { ...pixel, channels: builder.current.shape[3], scale: builder.currentScale },
    output: { ...pixel, channels: units },
    encoding: encodingOf(isClamping(activation) ? after : before),
  });
  const operation = activationOperation(activation);
  if (operation === undefined) return;
  const quantization = perTensor(curvedEncoding(activation, after));
  builder.then(operation, [], { name: `${name}_activation`, shape: builder.current.shape, quantization });
}

/** Of a sigmoid and a tanh the kernels of TFLite know one encoding only. */
function curvedEncoding(activation: Activation, after: TailRange['after']): QuantizationParameters {
  if (activation === 'sigmoid') return PROBABILITY_ENCODING;
  return activation === 'tanh' ? TANH_ENCODING : encodingOf(after);
}

function addSoftmax(builder: ModelBuilder): void {
  builder.reshape('scores', [1, builder.current.shape[3]]);
  const { shape } = builder.current;
  builder.then({ kind: 'softmax' }, [], {
    name: 'probabilities_signed',
    shape,
    quantization: perTensor(PROBABILITY_ENCODING),
  });
}

import { Random } from '@graft/foundation';
import { POOL_NODES, type GraphNode, type Pooling } from '@graft/model';
import * as tf from '@tensorflow/tfjs-core';

import { openBackend } from './backend';
import { Chain, HostGradients } from './chain';
import { crossEntropy } from './loss';
import { standardizeLayer } from './standardize';
import { trainableLayers } from './trainable';

const SIZE = 8;
const PICTURES = 4;
const LABELS = [0, 2, 1, 2];

beforeAll(() => openBackend('wasm'));

function draw(length: number, name: string, low = -1, high = 1): Float32Array {
  const random = Random.of(3, name);
  return Float32Array.from({ length }, () => random.between(low, high));
}

const batchNorm = (name: string, channels: number): GraphNode => ({
  kind: 'batchNorm',
  name,
  gamma: draw(channels, `${name}/gamma`, 0.5, 1.5),
  beta: draw(channels, `${name}/beta`),
  mean: draw(channels, `${name}/mean`, -0.2, 0.2),
  variance: draw(channels, `${name}/variance`, 0.5, 2),
  epsilon: 0.001,
});

/** Every kind of node that learns, in a net of a few dozen numbers. */
function nodes(pooling: Pooling): GraphNode[] {
  const { kind, values } = POOL_NODES[pooling];
  const inputs = 6 * values;
  return [
    {
      kind: 'convolution',
      name: 'conv1',
      inputChannels: 3,
      outputChannels: 5,
      kernel: 3,
      stride: 2,
      weights: draw(135, 'conv1'),
    },
    batchNorm('conv1_bn', 5),
    { kind: 'activation', name: 'conv1_relu', activation: 'relu6' },
    { kind: 'depthwise', name: 'dw', channels: 5, stride: 2, weights: draw(45, 'dw') },
    batchNorm('dw_bn', 5),
    { kind: 'activation', name: 'dw_relu', activation: 'relu6' },
    {
      kind: 'convolution',
      name: 'pw',
      inputChannels: 5,
      outputChannels: 6,
      kernel: 1,
      stride: 1,
      weights: draw(30, 'pw'),
      bias: draw(6, 'pw/bias'),
    },
    { kind: 'activation', name: 'pw_relu', activation: 'relu6' },
    { kind, name: 'pool' },
    {
      kind: 'dense',
      name: 'dense_1',
      inputs,
      units: 4,
      weights: draw(4 * inputs, 'dense_1'),
      bias: draw(4, 'dense_1/bias'),
    },
    { kind: 'activation', name: 'dense_1_relu', activation: 'relu' },
    { kind: 'dense', name: 'predictions', inputs: 4, units: 3, weights: draw(12, 'out'), bias: draw(3, 'out/bias') },
  ];
}

function chainOf(freezeBatchNorm: boolean, pooling: Pooling = 'avg'): Chain {
  const { body, head } = trainableLayers(nodes(pooling), { head: [], freezeBatchNorm, seed: 1 });
  const inputs = 6 * POOL_NODES[pooling].values;
  const statistics = { mean: draw(inputs, 'mean'), inverse: draw(inputs, 'inverse', 0.5, 2) };
  return new Chain([...body, standardizeLayer(statistics), ...head]);
}

function lossOf(chain: Chain, input: tf.Tensor): number {
  let loss = 0;
  const watch = (scores: Float32Array) => {
    const result = crossEntropy(scores, LABELS, [1, 2, 1, 0.5], { classes: 3, labelSmoothing: 0.1 });
    loss = result.loss;
    return result.gradient;
  };
  chain.learn(input, watch, new HostGradients());
  return loss;
}

function gradientsOf(chain: Chain, input: tf.Tensor): HostGradients {
  const gradients = new HostGradients();
  const watch = (scores: Float32Array) =>
    crossEntropy(scores, LABELS, [1, 2, 1, 0.5], { classes: 3, labelSmoothing: 0.1 }).gradient;
  chain.learn(input, watch, gradients);
  return gradients;
}

const picture = () => tf.tensor4d(draw(PICTURES * SIZE * SIZE * 3, 'picture'), [PICTURES, SIZE, SIZE, 3]);

describe.each([
  ['the averages', true, 'avg'],
  ['the batch', false, 'avg'],
  ['the averages, and means and maxima', true, 'avg_max'],
] as const)('with batch norms by %s', (_, freezeBatchNorm, pooling) => {
  test('the gradient by each parameter is the slope of the loss', () => {
    const chain = chainOf(freezeBatchNorm, pooling);
    const input = picture();
    const gradients = gradientsOf(chain, input);
    for (const parameter of chain.parameters) {
      const gradient = gradients.get(parameter) ?? new Float32Array();
      const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0.1);
      // A few numbers of each parameter; the slope by a small step to both sides.
      for (let at = 0; at < parameter.values.length; at += Math.ceil(parameter.values.length / 4)) {
        const slope = slopeOf(chain, input, parameter.values, at, () => parameter.refresh());
        expect(Math.abs(slope - gradient[at]) / largest).toBeLessThan(0.02);
      }
    }
    chain.dispose();
    input.dispose();
  });

  test('a pass forth and back leaves only the parameters on the back end', () => {
    const before = tf.memory().numTensors;
    const chain = chainOf(freezeBatchNorm, pooling);
    const input = picture();
    gradientsOf(chain, input);
    chain.infer(input).slice();
    expect(tf.memory().numTensors).toBe(before + 1 + chain.parameters.length);
    chain.dispose();
    input.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

function slopeOf(chain: Chain, input: tf.Tensor, values: Float32Array, at: number, changed: () => void): number {
  const step = 2e-3;
  const value = values[at];
  const losses = [value + step, value - step].map((moved) => {
    values[at] = moved;
    changed();
    return lossOf(chain, input);
  });
  values[at] = value;
  changed();
  return (losses[0] - losses[1]) / (2 * step);
}

/** Mean of each channel of what the first convolution answers. */
function convolvedMeans(chain: Chain, input: tf.Tensor): number[] {
  const map = new Chain(chain.layers.slice(0, 1)).infer(input);
  return [0, 1, 2, 3, 4].map((channel) => {
    const values = map.filter((_, at) => at % 5 === channel);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

test('frozen batch norms keep their statistics', () => {
  const chain = chainOf(true);
  const input = picture();
  const before = chain.layers[1].statistics.map((numbers) => numbers.slice());
  gradientsOf(chain, input);
  expect(chain.layers[1].statistics).toEqual(before);
  chain.dispose();
  input.dispose();
});

test('others move their averages by a hundredth of the way to the batch', () => {
  const chain = chainOf(false);
  const input = picture();
  const [mean] = chain.layers[1].statistics;
  const before = mean.slice();
  gradientsOf(chain, input);
  convolvedMeans(chain, input).forEach((value, channel) =>
    expect(mean[channel]).toBeCloseTo(0.99 * before[channel] + 0.01 * value, 6),
  );
  chain.dispose();
  input.dispose();
});

import { Random, silent } from '@graft/foundation';
import { activationName, POOL_NODES, type Activation, type Graph, type GraphNode, type Pooling } from '@graft/model';

import type { QuantizeOptions } from './quantize-graph';

/** [kind, output channels, kernel, stride, activation]; null as kind of activation: no activation node. */
export type LayerRecipe = readonly ['convolution' | 'depthwise', number, 1 | 3, 1 | 2, Activation | null];

export const MOBILE: readonly LayerRecipe[] = [
  ['convolution', 8, 3, 2, 'relu6'],
  ['depthwise', 8, 3, 1, 'relu6'],
  ['convolution', 16, 1, 1, 'relu6'],
  ['depthwise', 16, 3, 2, 'relu6'],
  ['convolution', 24, 1, 1, 'relu6'],
];

/** A classifier with random weights of the size that keeps activations alive; batch norm after every convolution. */
export function randomGraph(
  seed: number,
  recipes: readonly LayerRecipe[] = MOBILE,
  size = 16,
  pooling: Pooling = 'avg',
): Graph {
  const { kind: pool, values } = POOL_NODES[pooling];
  const random = Random.of(seed, 'graph');
  const normals = (count: number, deviation: number, mean = 0) =>
    new Float32Array(count).map(() => mean + deviation * random.normal());
  let channels = 3;
  const convolutions = recipes.flatMap(([kind, outputs, kernel, stride, activation], index): GraphNode[] => {
    const name = `layer_${index}`;
    const taps = kernel ** 2 * (kind === 'depthwise' ? 1 : channels);
    const weights = normals(outputs * taps, Math.sqrt(2 / taps));
    const node: GraphNode =
      kind === 'depthwise'
        ? { kind, name, channels, stride, weights }
        : { kind, name, inputChannels: channels, outputChannels: outputs, kernel, stride, weights };
    channels = outputs;
    const norm: GraphNode = {
      kind: 'batchNorm',
      name: `${name}_bn`,
      gamma: normals(outputs, 0.2, 1),
      beta: normals(outputs, 0.3, 0.3),
      mean: normals(outputs, 0.1),
      variance: normals(outputs, 0.1, 1),
      epsilon: 0.001,
    };
    return activation === null
      ? [node, norm]
      : [node, norm, { kind: 'activation', name: `${name}_${activationName(activation)}`, activation }];
  });
  const dense = (name: string, inputs: number, units: number): GraphNode => ({
    kind: 'dense',
    name,
    inputs,
    units,
    weights: normals(units * inputs, Math.sqrt(2 / inputs)),
    bias: normals(units, 0.1),
  });
  return {
    name: `random_${seed}`,
    input: { channels: 3, height: size, width: size, encoding: { scale: 1 / 127.5, offset: -1 } },
    nodes: [
      ...convolutions,
      { kind: pool, name: 'pool' },
      dense('hidden', values * channels, 6),
      { kind: 'activation', name: 'hidden_relu', activation: 'relu' },
      dense('scores', 6, 3),
      { kind: 'softmax', name: 'softmax' },
    ],
  };
}

/** Smooth pictures, planar, with every byte value somewhere. */
export function randomPictures(seed: number, count: number, size = 16): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const random = Random.of(seed, 'picture', index);
    return new Uint8Array(3 * size * size).map((__, at) => {
      const x = at % size;
      const y = Math.floor(at / size) % size;
      return 128 + 90 * Math.sin((x + index) / 3) * Math.cos(y / (2 + (index % 3))) + 37 * (2 * random.uniform() - 1);
    });
  });
}

export function optionsWith(
  calibration: readonly Uint8Array[],
  changes: Partial<QuantizeOptions> = {},
): QuantizeOptions {
  return {
    calibration,
    method: 'minmax',
    percentile: 99.9,
    biasCorrection: true,
    roundingSearch: false,
    channelScales: 'auto',
    report: silent,
    signal: new AbortController().signal,
    ...changes,
  };
}

import { Random, silent } from '@graft/foundation';
import { activationName, POOL_NODES, type Activation, type Graph, type GraphNode, type Pooling } from '@graft/model';
import type { DenseOnKpu, Quantized, Recipe } from '@graft/quantization';
import { quantizeGraph } from '@graft/quantization';

/** [kind, output channels, kernel, stride, activation] */
export type LayerRecipe = readonly ['convolution' | 'depthwise', number, 1 | 3, 1 | 2, Activation];

export interface GraphRecipe {
  readonly layers: readonly LayerRecipe[];
  readonly height?: number;
  readonly width?: number;
  readonly encoding?: Graph['input']['encoding'];
  readonly hidden?: Activation;
  /** Default: avg. */
  readonly pooling?: Pooling;
  /** Stop after the convolutions. */
  readonly mapOnly?: boolean;
}

/** A float classifier with random weights that keep activations alive. */
export function randomGraph(seed: number, recipe: GraphRecipe): Graph {
  const { layers, height = 16, width = 16, encoding = { scale: 1 / 127.5, offset: -1 }, hidden, mapOnly } = recipe;
  const pool = POOL_NODES[recipe.pooling ?? 'avg'];
  const random = Random.of(seed, 'graph');
  const normals = (count: number, deviation: number, mean = 0) =>
    new Float32Array(count).map(() => mean + deviation * random.normal());
  let channels = 3;
  const nodes = layers.flatMap(([kind, outputs, kernel, stride, activation], index): GraphNode[] => {
    const name = `layer_${index}`;
    const taps = kernel ** 2 * (kind === 'depthwise' ? 1 : channels);
    const weights = normals(outputs * taps, Math.sqrt(2 / taps));
    const bias = normals(outputs, 0.3, 0.3);
    const node: GraphNode =
      kind === 'depthwise'
        ? { kind, name, channels, stride, weights, bias }
        : { kind, name, inputChannels: channels, outputChannels: outputs, kernel, stride, weights, bias };
    channels = outputs;
    return [node, { kind: 'activation', name: `${name}_${activationName(activation)}`, activation }];
  });
  const dense = (name: string, inputs: number, units: number): GraphNode => ({
    kind: 'dense',
    name,
    inputs,
    units,
    weights: normals(units * inputs, Math.sqrt(2 / inputs)),
    bias: normals(units, 0.1),
  });
  const inputs = pool.values * channels;
  const head: GraphNode[] =
    hidden === undefined
      ? [dense('scores', inputs, 3)]
      : [
          dense('hidden', inputs, 7),
          { kind: 'activation', name: 'hidden_activation', activation: hidden },
          dense('scores', 7, 3),
        ];
  const tail: GraphNode[] = [{ kind: pool.kind, name: 'pool' }, ...head, { kind: 'softmax', name: 'softmax' }];
  return {
    name: `random_${seed}`,
    input: { channels: 3, height, width, encoding },
    nodes: mapOnly === true ? nodes : [...nodes, ...tail],
  };
}

/** Pictures with shapes and noise, planar. */
export function randomPictures(seed: number, count: number, { height, width }: Graph['input']): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const random = Random.of(seed, 'picture', index);
    return new Uint8Array(3 * height * width).map((__, at) => {
      const x = at % width;
      const y = Math.floor(at / width) % height;
      return 128 + 90 * Math.sin((x + index) / 3) * Math.cos(y / (2 + (index % 3))) + 37 * (2 * random.uniform() - 1);
    });
  });
}

export function quantized(
  graph: Graph,
  seed = 1,
  recipe: Partial<Recipe> = {},
  denseOnKpu: DenseOnKpu = { layers: 0, mayFallBack: false },
): Promise<Quantized> {
  return quantizeGraph(graph, {
    calibration: randomPictures(seed, 6, graph.input),
    method: 'minmax',
    percentile: 100,
    biasCorrection: true,
    roundingSearch: false,
    channelScales: 'auto',
    ...recipe,
    denseOnKpu,
    report: silent,
    signal: new AbortController().signal,
  });
}

import { Random, unreachable } from '@graft/foundation';
import type { Graph, GraphNode, HeadShape } from '@graft/model';

import { activationLayer } from './activation-layer';
import { batchNormLayer } from './batch-norm-layer';
import { convolutionLayer, depthwiseLayer } from './convolution-layers';
import { averageMaxPoolLayer } from './global-pool';
import type { Layer } from './layer';
import { denseLayer, dropoutLayer, poolLayer } from './plain-layers';
import { mergeStandardize, type FeatureStatistics } from './standardize';

export interface CutGraph {
  /** Runs once for each picture: everything before the first node that learns. */
  readonly frozen: Graph;
  /** From there to the scores. Softmax, the last node, belongs to the loss. */
  readonly learning: readonly GraphNode[];
}

/** Cuts before the first node that has weights and is not frozen. */
export function cutGraph(graph: Graph, frozenNames: ReadonlySet<string>): CutGraph {
  const cut = graph.nodes.findIndex((node) => hasWeights(node) && !frozenNames.has(node.name));
  const frozen = { ...graph, nodes: graph.nodes.slice(0, cut) };
  return { frozen, learning: graph.nodes.slice(cut).filter((node) => node.kind !== 'softmax') };
}

function hasWeights({ kind }: GraphNode): boolean {
  return kind === 'convolution' || kind === 'depthwise' || kind === 'batchNorm' || kind === 'dense';
}

export interface LayerOptions {
  readonly head: readonly HeadShape[];
  readonly freezeBatchNorm: boolean;
  readonly seed: number;
}

export interface TrainableLayers {
  /** Convolutions above the cut and the pooling, or nothing where all of them are frozen. */
  readonly body: readonly Layer[];
  /** Takes pooled features; the dropouts are in their places. */
  readonly head: readonly Layer[];
}

/** The layers for these nodes, the last ones of a network. */
export function trainableLayers(nodes: readonly GraphNode[], options: LayerOptions): TrainableLayers {
  const headStart = nodes.findIndex((node) => node.kind === 'dense');
  const dropouts = dropoutsBefore(options.head);
  const head = nodes.slice(headStart).flatMap((node) => {
    const numbers = node.kind === 'dense' ? node.inputs : 0;
    const before = (dropouts.get(node.name) ?? []).map(({ name, rate }) =>
      dropoutLayer(name, rate, { random: Random.of(options.seed, 'dropout', name), numbers }),
    );
    return [...before, layerOf(node, options.freezeBatchNorm)];
  });
  return { body: nodes.slice(0, headStart).map((node) => layerOf(node, options.freezeBatchNorm)), head };
}

function layerOf(node: GraphNode, freezeBatchNorm: boolean): Layer {
  switch (node.kind) {
    case 'convolution':
      return convolutionLayer(node);
    case 'depthwise':
      return depthwiseLayer(node);
    case 'batchNorm':
      return batchNormLayer(node, !freezeBatchNorm);
    case 'activation':
      return activationLayer(node);
    case 'globalAveragePool':
      return poolLayer(node);
    case 'globalAverageMaxPool':
      return averageMaxPoolLayer(node);
    case 'dense':
      return denseLayer(node);
    case 'softmax':
      throw new Error('internal: softmax belongs to the loss');
    default:
      return unreachable(node);
  }
}

/** Dropouts by the dense layer that follows them. */
function dropoutsBefore(head: readonly HeadShape[]): Map<string, { name: string; rate: number }[]> {
  const dropouts = new Map<string, { name: string; rate: number }[]>();
  let waiting: { name: string; rate: number }[] = [];
  let denses = 0;
  head.forEach((layer, index) => {
    if (layer.type === 'dropout') waiting.push({ name: `dropout_${index + 1}`, rate: layer.rate });
    else {
      dropouts.set(`dense_${++denses}`, waiting);
      waiting = [];
    }
  });
  return dropouts.set('predictions', waiting);
}

/** The graph with what the layers have learned; its first dense layer takes standardized features. */
export function learnedGraph(graph: Graph, layers: readonly Layer[]): Graph {
  const learned = new Map(layers.map((layer) => [layer.name, layer.node()]));
  return { ...graph, nodes: graph.nodes.map((node) => learned.get(node.name) ?? node) };
}

/** The graph whose first dense layer takes the features as they are. */
export function withoutStandardize(graph: Graph, statistics: FeatureStatistics): Graph {
  const first = graph.nodes.findIndex((node) => node.kind === 'dense');
  const nodes = graph.nodes.map((node, at) =>
    at === first && node.kind === 'dense' ? mergeStandardize(node, statistics) : node,
  );
  return { ...graph, nodes };
}

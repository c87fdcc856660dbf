import type { Report } from '@graft/foundation';
import {
  buildGraph,
  frozenLayers,
  type Graph,
  type GraphNode,
  type InputEncoding,
  type MobilenetConfig,
  type NamedWeights,
} from '@graft/model';
import type { ModelSection, TrainSection } from '@graft/spec';

import { openBackend, type Backend } from './backend';
import type { BackendChoice } from './backend-identity';
import { partSize } from './batch-memory';
import { Chain } from './chain';
import type { EpochMetrics } from './epochs';
import { classesWithoutPictures, FROZEN_WITHOUT_WEIGHTS, nothingToMonitor } from './errors';
import type { FeatureStore } from './feature-store';
import { Features } from './features';
import { initialWeights } from './initial-weights';
import { pictureInputs } from './inputs';
import { learn } from './learn';
import { pooledStatistics, standardizeLayer } from './standardize';
import { cutGraph, learnedGraph, trainableLayers } from './trainable';
import type { TrainingExample } from './training-example';

export interface TrainingOptions {
  readonly model: ModelSection;
  readonly train: TrainSection;
  readonly seed: number;
  /** One factor for each class in the loss; see `classWeights`. */
  readonly classes: { readonly count: number; readonly weights: readonly number[] };
  readonly input: { readonly height: number; readonly width: number };
  readonly encoding: InputEncoding;
  /** Of the backbone; null: drawn from the seed. */
  readonly weights: NamedWeights | null;
  readonly training: readonly TrainingExample[];
  /** May be empty where nothing watches validation figures. */
  readonly validation: readonly TrainingExample[];
  readonly featureCache: FeatureStore;
  readonly backend?: BackendChoice;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

export interface TrainedModel {
  /** For inference, with the best epoch's numbers; batch norms are not folded. */
  readonly graph: Graph;
  readonly history: readonly EpochMetrics[];
  /** Whose numbers the graph holds; from 1. */
  readonly bestEpoch: number;
  /** Keras names. */
  readonly frozenLayers: readonly string[];
  readonly backend: Backend;
  /** Examples that went through the frozen layers now, and those whose features were in the cache. */
  readonly features: { readonly extracted: number; readonly reused: number };
}

/** The network that these options describe. */
export function networkConfig({
  model,
  input,
  encoding,
  classes,
}: Pick<TrainingOptions, 'model' | 'input' | 'encoding' | 'classes'>): MobilenetConfig {
  return { alpha: model.alpha, output: model.output, input, encoding, head: model.head, classes: classes.count };
}

/**
 * Trains a head, and the layers above the frozen ones, on pictures. Equal options give equal bytes on one back end.
 * @throws GraftError E601–E605, E613–E617; the signal's reason when aborted
 */
export async function trainModel(options: TrainingOptions): Promise<TrainedModel> {
  const { model, seed, report } = options;
  checkExamples(options);
  const config = networkConfig(options);
  const frozen = frozenLayers(model.freeze, config);
  if (options.weights === null && frozen.length > 0)
    report({ type: 'warning', code: 'W610', message: FROZEN_WITHOUT_WEIGHTS });
  const graph = buildGraph(config, initialWeights(config, options.weights, seed));
  const backend = await openBackend(options.backend);
  const { frozen: front, learning } = cutGraph(graph, new Set(frozen));
  const features = new Features(front, `${backend.name}-${backend.version}`, options);
  try {
    const learned = await learnFrom(options, graph, learning, features);
    const counts = { extracted: features.extracted, reused: features.reused };
    return { ...learned, frozenLayers: frozen, backend, features: counts };
  } finally {
    features.dispose();
  }
}

async function learnFrom(options: TrainingOptions, graph: Graph, learning: readonly GraphNode[], features: Features) {
  const { model, train, seed } = options;
  const plan = {
    graph,
    frozenNodes: features.frozen.nodes.length,
    batchSize: train.batchSize,
    whole: !model.freezeBatchNorm,
  };
  const size = partSize(plan);
  const [training, validation] = [sorted(options.training), sorted(options.validation)];
  if (!features.empty) await features.prepare([...training, ...validation]);
  const inputs = features.empty ? pictureInputs(features.frozen.input) : features;
  const { body, head } = trainableLayers(learning, { head: model.head, freezeBatchNorm: model.freezeBatchNorm, seed });
  const statistics = await pooledStatistics(new Chain(body), inputs, training, options);
  const chain = new Chain([...body, standardizeLayer(statistics), ...head]);
  try {
    const result = await learn({ ...options, chain, inputs, training, validation, partSize: size });
    return { graph: learnedGraph(graph, chain.layers, statistics), ...result };
  } finally {
    chain.dispose();
  }
}

function sorted(examples: readonly TrainingExample[]): TrainingExample[] {
  return examples.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function checkExamples({ training, validation, classes, train }: TrainingOptions): void {
  const present = new Set(training.map((example) => example.label));
  const absent = Array.from({ length: classes.count }, (_, index) => index).filter((index) => !present.has(index));
  if (absent.length > 0) throw classesWithoutPictures(absent);
  const monitor = train.checkpoint?.monitor ?? train.earlyStopping?.monitor;
  if (validation.length === 0 && monitor !== undefined) throw nothingToMonitor(monitor);
  const ids = new Set([...training, ...validation].map((example) => example.id));
  if (ids.size < training.length + validation.length) throw new Error('internal: two training examples have one id');
}

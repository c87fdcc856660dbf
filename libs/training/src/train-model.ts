import { canonicalJson, sha256, type Report } from '@graft/foundation';
import {
  buildGraph,
  frozenLayers,
  writeGraph,
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
import type { CheckpointStore } from './checkpoint';
import { solveLastLayer, withLastLayer, type FeatureSet } from './closed-form';
import type { EpochMetrics, PhaseName } from './epochs';
import { classesWithoutPictures, FROZEN_WITHOUT_WEIGHTS, nothingToMonitor } from './errors';
import type { FeatureStore } from './feature-store';
import { Features } from './features';
import { initialWeights } from './initial-weights';
import { pictureInputs } from './inputs';
import { learn, type CheckpointSlot, type Learned } from './learn';
import { openLearner } from './open-learner';
import { pooledStatistics, type FeatureStatistics } from './standardize';
import { cutGraph, learnedGraph, trainableLayers, withoutStandardize } from './trainable';
import type { Threads } from './threads/threads';
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
  /** Where a run that is cut off can be taken up again; default: nowhere. */
  readonly checkpoints?: { readonly store: CheckpointStore; readonly leastMs: number };
  readonly backend?: BackendChoice;
  /** Belong to what the bytes depend on where convolutions learn on wasm, but their number does not. */
  readonly threads?: Threads;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

export interface TrainedModel {
  /** For inference, with the best epoch's numbers; batch norms are not folded. */
  readonly graph: Graph;
  readonly history: readonly EpochMetrics[];
  /** Whose numbers the graph holds; from 1. */
  readonly bestEpoch: number;
  /** Keras names, in the first phase. */
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
  const { height, width } = input;
  const { alpha, output, pooling, head } = model;
  return { alpha, output, input: { height, width }, encoding, pooling, head, classes: classes.count };
}

/**
 * Trains a head, and the layers above the frozen ones, on pictures; then, with `fineTune`, once more with fewer layers
 * frozen. With the optimizer ridge, solves for the last layer instead. Equal options give equal bytes on one back end.
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
  const { optimizer } = options.train;
  if (optimizer.name === 'ridge') return solveModel(options, optimizer.penalty, { graph, frozen, backend });
  let progress: Progress = { graph, statistics: null, history: [], bestEpoch: 0, extracted: 0, reused: 0 };
  const slots: PhaseSlot[] = [];
  for (const phase of phasesOf(options.train, frozen)) {
    const slot = slotOf(options, () => runKey(options, phase, backend, progress));
    slots.push(slot);
    progress = await runPhase(options, { ...phase, slot }, backend, progress);
  }
  await Promise.all(slots.map((slot) => slot.remove()));
  const { statistics, history, bestEpoch, extracted, reused } = progress;
  if (statistics === null) throw new Error('internal: no phase ran');
  return {
    graph: withoutStandardize(progress.graph, statistics),
    ...{ history, bestEpoch, backend, frozenLayers: frozen, features: { extracted, reused } },
  };
}

/** No epochs: the last layer in closed form. */
async function solveModel(
  options: TrainingOptions,
  penalty: number,
  { graph, frozen, backend }: { readonly graph: Graph; readonly frozen: readonly string[]; readonly backend: Backend },
): Promise<TrainedModel> {
  const { frozen: front, learning } = cutGraph(graph, new Set(frozen));
  if (learning.length !== 1) throw new Error('internal: ridge solves for one layer, and more of them learn');
  const features = new Features(front, `${backend.name}-${backend.version}`, options);
  try {
    const [training, validation] = [sorted(options.training), sorted(options.validation)];
    await features.prepare([...training, ...validation]);
    const sets = [await featureSet(features, training), await featureSet(features, validation)] as const;
    const { seed, classes, train, signal } = options;
    const solved = await solveLastLayer(...sets, {
      ...{ penalty, seed, classes, labelSmoothing: train.labelSmoothing },
      ...(signal === undefined ? {} : { signal }),
    });
    return {
      graph: withLastLayer(graph, solved),
      ...{ history: [solved.metrics], bestEpoch: 1, backend, frozenLayers: frozen },
      features: { extracted: features.extracted, reused: features.reused },
    };
  } finally {
    features.dispose();
  }
}

async function featureSet(features: Features, examples: readonly TrainingExample[]): Promise<FeatureSet> {
  const rows: Float32Array[] = [];
  for (const example of examples) rows.push(await features.read([example]));
  return { examples, features: rows };
}

/** A run of epochs with one set of frozen layers. */
interface Phase {
  readonly name: PhaseName;
  readonly train: TrainSection;
  readonly frozen: readonly string[];
}

/** In the second phase no layer is frozen that was not before. */
function phasesOf(train: TrainSection, frozen: readonly string[]): Phase[] {
  const first: Phase = { name: 'training', train, frozen };
  const cut = train.fineTune === null ? -1 : frozen.indexOf(train.fineTune.unfreezeFrom);
  if (train.fineTune === null || cut < 0) return [first];
  const { epochs, learningRate } = train.fineTune;
  return [first, { name: 'fine-tuning', train: { ...train, epochs, learningRate }, frozen: frozen.slice(0, cut) }];
}

/** What the phases so far have made. */
interface Progress extends Learned {
  /** Its first dense layer takes features standardized by `statistics`. */
  readonly graph: Graph;
  readonly statistics: FeatureStatistics | null;
  readonly extracted: number;
  readonly reused: number;
}

/** Digest of everything that a phase's result depends on. */
function runKey(options: TrainingOptions, { name, train, frozen }: Phase, backend: Backend, before: Progress): string {
  const { model, seed, classes } = options;
  const { json, bin } = writeGraph(before.graph);
  const told = ({ id, digest, label, inEpoch }: TrainingExample) => [id, digest, label, inEpoch !== undefined];
  const examples = [sorted(options.training).map(told), sorted(options.validation).map(told)];
  const run = { name, train, frozen, model, seed, classes, history: before.history, examples };
  const shared = options.threads !== undefined;
  return sha256(
    canonicalJson({ ...run, shared, backend: [backend.name, backend.version], graph: [sha256(json), sha256(bin)] }),
  );
}

async function runPhase(
  options: TrainingOptions,
  phase: Phase & { readonly slot: PhaseSlot },
  backend: Backend,
  before: Progress,
): Promise<Progress> {
  const { frozen: front, learning } = cutGraph(before.graph, new Set(phase.frozen));
  const features = new Features(front, `${backend.name}-${backend.version}`, options);
  try {
    const learned = await learnFrom({ ...options, train: phase.train }, phase, { learning, features, before });
    return {
      ...learned,
      extracted: before.extracted + features.extracted,
      reused: before.reused + features.reused,
    };
  } finally {
    features.dispose();
  }
}

interface PhaseParts {
  readonly learning: readonly GraphNode[];
  readonly features: Features;
  readonly before: Progress;
}

async function learnFrom(
  options: TrainingOptions,
  phase: Pick<Phase, 'name'> & { readonly slot: PhaseSlot },
  { learning, features, before }: PhaseParts,
) {
  const { model, train, seed } = options;
  const plan = {
    graph: before.graph,
    frozenNodes: features.frozen.nodes.length,
    batchSize: train.batchSize,
    whole: !model.freezeBatchNorm,
  };
  const [training, validation] = [sorted(options.training), sorted(options.validation)];
  if (!features.empty) await features.prepare([...training, ...validation]);
  const inputs = features.empty ? pictureInputs(features.frozen.input) : features;
  const layerOptions = { head: model.head, freezeBatchNorm: model.freezeBatchNorm, seed };
  const layers = trainableLayers(learning, layerOptions);
  const loss = { batchSize: train.batchSize, labelSmoothing: train.labelSmoothing };
  const learner = openLearner({
    ...options,
    ...layerOptions,
    learning,
    inputs,
    partSize: partSize(plan),
    layers,
    ...loss,
  });
  try {
    // The head has learned to live with the figures of the first phase.
    const statistics = before.statistics ?? (await pooledStatistics(learner, training, options));
    await learner.standardize(statistics);
    const { name, slot } = phase;
    const learned = await learn({ ...options, learner, training, validation, phase: name, before, checkpoint: slot });
    return { graph: learnedGraph(before.graph, learner.chain.layers), statistics, ...learned };
  } finally {
    learner.dispose();
  }
}

interface PhaseSlot extends CheckpointSlot {
  remove(): Promise<void>;
}

/** @param keyOf asked only where there is a store: it reads all numbers */
function slotOf({ checkpoints }: TrainingOptions, keyOf: () => string): PhaseSlot {
  if (checkpoints === undefined)
    return { load: async () => null, save: async () => undefined, remove: async () => undefined, leastMs: Infinity };
  const { store, leastMs } = checkpoints;
  const key = keyOf();
  return {
    load: () => store.get(key),
    save: (checkpoint) => store.put(key, checkpoint),
    remove: () => store.remove(key),
    leastMs,
  };
}

function sorted(examples: readonly TrainingExample[]): TrainingExample[] {
  return examples.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function checkExamples({ training, validation, classes, train }: TrainingOptions): void {
  const present = new Set(training.map((example) => example.label));
  const absent = Array.from({ length: classes.count }, (_, index) => index).filter((index) => !present.has(index));
  if (absent.length > 0) throw classesWithoutPictures(absent);
  // Without epochs there is no best one to look for.
  const watches = train.optimizer.name !== 'ridge';
  const monitor = train.checkpoint?.monitor ?? train.earlyStopping?.monitor;
  if (watches && validation.length === 0 && monitor !== undefined) throw nothingToMonitor(monitor);
  const ids = new Set([...training, ...validation].map((example) => example.id));
  if (ids.size < training.length + validation.length) throw new Error('internal: two training examples have one id');
}

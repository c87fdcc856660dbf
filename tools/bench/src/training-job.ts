import { silent } from '@graft/foundation';
import { buildGraph, frozenLayers, type MobilenetConfig } from '@graft/model';
import type { HeadLayer, ModelSection, TrainSection } from '@graft/spec';
import {
  initialWeights,
  openRunner,
  openTrainingSteps,
  trainModel,
  type BackendName,
  type FeatureStore,
  type TrainingExample,
} from '@graft/training';
import { trainingThreads } from '../../nx/src/shared/training-threads';
import { noise } from './noise';

/** What Graft and a peer do in turns; both know it by these words. */
export interface TrainingJob {
  /** fine-tune: steps of one batch, frozen layers included. head: a whole training on kept features. */
  readonly kind: 'fine-tune' | 'head' | 'inference';
  readonly alpha: number;
  /** Rows and columns of a picture. */
  readonly side: number;
  readonly pictures: number;
  /** Steps, epochs or passes in one run. */
  readonly repeats: number;
  /** Layers that do not learn, as Keras counts. */
  readonly frozen: number;
  readonly head: readonly HeadLayer[];
  /** Of a head: the peer may keep what it has compiled in the run before. Graft compiles nothing. */
  readonly again: boolean;
}

const OUTPUT = 'conv_pw_13_relu';
const BATCH = 32;
const CLASSES = { count: 2, weights: [1, 1] };

export interface PreparedJob {
  /** What is timed. */
  run(): Promise<void>;
  /** Lets go of threads, which would keep the process alive. */
  dispose(): void;
}

/** Makes everything ready. */
export async function prepareJob(job: TrainingJob, backend: BackendName): Promise<PreparedJob> {
  switch (job.kind) {
    case 'fine-tune':
      return fineTune(job, backend);
    case 'inference':
      return inference(job, backend);
    case 'head':
      return head(job, backend);
  }
}

async function fineTune(job: TrainingJob, backend: BackendName): Promise<PreparedJob> {
  const config = configOf(job);
  const steps = await openTrainingSteps({
    graph: buildGraph(config, initialWeights(config, null, 1)),
    head: job.head,
    frozen: frozenLayers({ type: 'first', layers: job.frozen }, config),
    freezeBatchNorm: false,
    train: training(1, job.pictures),
    classes: CLASSES,
    seed: 1,
    backend,
    threads: trainingThreads(),
  });
  const batch = examplesOf(job);
  const run = async () => {
    for (let step = 0; step < job.repeats; step++) await steps.learn(batch);
  };
  return { run, dispose: () => steps.dispose() };
}

async function inference(job: TrainingJob, backend: BackendName): Promise<PreparedJob> {
  const config = configOf(job);
  const runner = await openRunner(buildGraph(config, initialWeights(config, null, 1)), {
    ...{ backend, threads: trainingThreads(), helpAfterMs: 0 },
  });
  const pictures = examplesOf(job).map((example) => example.pixels());
  const run = async () => {
    for (let pass = 0; pass < job.repeats; pass++) await runner.predict(pictures);
  };
  return { run, dispose: () => runner.dispose() };
}

async function head(job: TrainingJob, backend: BackendName): Promise<PreparedJob> {
  const config = configOf(job);
  const weights = new Map([...initialWeights(config, null, 1)].filter(([name]) => name.startsWith('conv')));
  const model: ModelSection = {
    ...{ backbone: 'mobilenet_v1', alpha: job.alpha, weights: { type: 'none' }, output: OUTPUT, pooling: 'avg' },
    ...{ head: job.head, freeze: { type: 'backbone' }, freezeBatchNorm: true },
  };
  const options = {
    ...{ model, train: training(job.repeats, BATCH), seed: 1, classes: CLASSES, weights, backend },
    ...{ input: config.input, encoding: config.encoding, training: examplesOf(job), validation: [] },
    featureCache: keptFeatures(Math.floor(1024 * job.alpha)),
    report: silent,
  };
  const run = async () => {
    const { features } = await trainModel(options);
    if (features.extracted > 0) throw new Error('internal: features were to be kept');
  };
  return { run, dispose: () => undefined };
}

function configOf({ alpha, side, head }: TrainingJob): MobilenetConfig {
  const encoding = { scale: 1 / 127.5, offset: -1 };
  const input = { height: side, width: side };
  return { alpha, output: OUTPUT, input, encoding, pooling: 'avg', head, classes: CLASSES.count };
}

function examplesOf({ pictures, side }: TrainingJob): TrainingExample[] {
  const pixels = noise(side * side * 3);
  return Array.from({ length: pictures }, (_, index) => {
    const id = `${index}`.padStart(4, '0');
    return { id, digest: id, label: index % CLASSES.count, pixels: () => pixels };
  });
}

/** Knows the features of every picture. */
function keptFeatures(length: number): FeatureStore {
  const known = new Map<string, Float32Array>();
  return {
    get: async (key) => {
      const drawn =
        known.get(key) ?? Float32Array.from(noise(length + known.size).subarray(0, length), (byte) => byte / 255);
      known.set(key, drawn);
      return drawn;
    },
    put: async () => undefined,
  };
}

/** Adam, and nothing that looks at validation pictures. */
function training(epochs: number, batchSize: number): TrainSection {
  return {
    ...{ epochs, batchSize, learningRate: 1e-4, warmupEpochs: 0, labelSmoothing: 0, weightDecay: 0 },
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    schedule: { name: 'constant' },
    ...{ classWeights: 'none', earlyStopping: null, fineTune: null, checkpoint: null },
  };
}

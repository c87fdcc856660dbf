import { Random, silent } from '@graft/foundation';
import { buildBackbone, type MobilenetConfig } from '@graft/model';
import type { ModelSection, TrainSection } from '@graft/spec';

import type { Backend } from './backend';
import type { BackendChoice } from './backend-identity';
import type { FeatureStore } from './feature-store';
import { initialWeights } from './initial-weights';
import { lookForNative } from './native/find-native';
import { nextTurn } from './next-turn';
import { openRunner } from './runner';
import type { Threads } from './threads/threads';
import { trainModel } from './train-model';

/** Which back end trains on this machine, why, and how fast. */
export interface BackendReport {
  readonly backend: Backend;
  /** Places where a native library was looked for, and what was found there. */
  readonly looked: readonly { readonly path: string; readonly found: string }[];
  readonly forward: readonly { readonly alpha: number; readonly picturesPerSecond: number }[];
  /** Two hidden layers of 1024 and 512 units on kept features: examples that go forth and back. */
  readonly headExamplesPerSecond: number;
}

/** What is measured; the defaults take a few seconds on wasm. */
export interface Effort {
  readonly side: number;
  readonly pictures: number;
  /** The best one counts. */
  readonly runs: number;
  readonly examples: number;
  readonly epochs: number;
  /** Of the hidden layers; a dropout follows the first. */
  readonly units: readonly number[];
}

const EFFORT: Effort = { side: 224, pictures: 32, runs: 2, examples: 200, epochs: 4, units: [1024, 1024, 512] };

interface Surroundings {
  readonly threads?: Threads;
  readonly signal?: AbortSignal;
}

/** Measures with random numbers; no network, no files but those of the back end. @throws GraftError E613 */
export async function examineBackend(
  choice: BackendChoice = 'auto',
  { effort = EFFORT, ...surroundings }: Surroundings & { readonly effort?: Effort } = {},
): Promise<BackendReport> {
  const looked = lookForNative().map(({ path, found }) => ({ path, found }));
  const forward: { alpha: number; picturesPerSecond: number }[] = [];
  for (const alpha of [1, 0.25])
    forward.push({ alpha, picturesPerSecond: await forwardRate(alpha, choice, effort, surroundings) });
  const { backend, rate } = await headRate(choice, effort, surroundings.signal);
  return { backend, looked, forward, headExamplesPerSecond: rate };
}

function configOf(alpha: number, { side }: Effort): MobilenetConfig {
  const input = { height: side, width: side };
  const encoding = { scale: 1 / 127.5, offset: -1 };
  return { alpha, output: 'conv_pw_13_relu', input, encoding, pooling: 'avg', head: [], classes: 2 };
}

async function forwardRate(alpha: number, backend: BackendChoice, effort: Effort, { threads, signal }: Surroundings) {
  const config = configOf(alpha, effort);
  const weights = [...initialWeights(config, null, 1)].filter(([name]) => !name.startsWith('predictions'));
  const runner = await openRunner(buildBackbone(config, new Map(weights)), {
    ...{ backend, helpAfterMs: 0 },
    ...(threads === undefined ? {} : { threads }),
  });
  const random = Random.of(1, 'pictures');
  const pictures = Array.from({ length: effort.pictures }, () =>
    Uint8Array.from({ length: effort.side ** 2 * 3 }, () => random.integer(256)),
  );
  try {
    const best = await bestSeconds(effort.runs, () => runner.predict(pictures, signal));
    return effort.pictures / best;
  } finally {
    runner.dispose();
  }
}

/** After one run that counts for nothing. */
async function bestSeconds(runs: number, work: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let run = 0; run <= runs; run++) {
    const started = performance.now();
    await work();
    if (run > 0) best = Math.min(best, (performance.now() - started) / 1000);
  }
  return best;
}

function headOf({ units: [first, ...others] }: Effort): ModelSection['head'] {
  const dense = (units: number) => ({ type: 'dense', units, activation: 'relu' }) as const;
  return [dense(first), { type: 'dropout', rate: 0.5 }, ...others.map(dense)];
}

async function headRate(choice: BackendChoice, effort: Effort, signal?: AbortSignal) {
  const { output } = configOf(1, effort);
  const model: ModelSection = {
    ...{ backbone: 'mobilenet_v1', alpha: 1, weights: { type: 'none' }, output, pooling: 'avg', head: headOf(effort) },
    ...{ freeze: { type: 'backbone' }, freezeBatchNorm: true },
  };
  const train: TrainSection = {
    epochs: effort.epochs,
    batchSize: 32,
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    learningRate: 1e-4,
    ...{ schedule: { name: 'constant' }, warmupEpochs: 0, labelSmoothing: 0, weightDecay: 0, classWeights: 'none' },
    ...{ earlyStopping: null, checkpoint: null, fineTune: null },
  };
  const examples = Array.from({ length: effort.examples }, (_, index) => ({
    id: `${index}`,
    digest: `${index}`,
    label: index % 2,
    pixels: () => new Uint8Array(effort.side ** 2 * 3),
  }));
  let epochs = 0;
  let seconds = 0;
  let started = performance.now();
  const { backend } = await trainModel({
    ...{ model, train, seed: 1, weights: null, training: examples, validation: [], backend: choice },
    classes: { count: 2, weights: [1, 1] },
    input: { height: effort.side, width: effort.side },
    encoding: { scale: 1 / 127.5, offset: -1 },
    featureCache: randomFeatures(1024),
    report: (event) => {
      if (event.type !== 'progress' || event.task !== 'training') return silent(event);
      const now = performance.now();
      // The first epoch also brings the numbers to the back end.
      if (epochs++ > 0) seconds += (now - started) / 1000;
      started = now;
    },
    ...(signal === undefined ? {} : { signal }),
  });
  await nextTurn(signal);
  return { backend, rate: (effort.examples * (epochs - 1)) / seconds };
}

/** Features that were computed long ago, as it were. */
function randomFeatures(size: number): FeatureStore {
  const random = Random.of(2, 'features');
  return {
    get: async () => Float32Array.from({ length: size }, () => random.between(0, 6)),
    put: async () => undefined,
  };
}

import { Random, silent } from '@graft/foundation';
import type { NamedWeights } from '@graft/model';

import { memoryFeatureStore } from './feature-store';
import { initialWeights } from './initial-weights';
import type { TrainingOptions } from './train-model';
import type { TrainingExample } from './training-example';

/** A training job of a second for the tests: reddish against bluish noise, a backbone of two thin blocks. */
export function sampleOptions(): TrainingOptions {
  return {
    ...SECTIONS,
    seed: 7,
    classes: { count: 2, weights: [1, 1] },
    input: { height: SIDE, width: SIDE },
    encoding: { scale: 1 / 127.5, offset: -1 },
    weights: sampleWeights(),
    ...sampleExamples(),
    featureCache: memoryFeatureStore(),
    backend: 'wasm',
    report: silent,
  };
}

export const SIDE = 16;

const SECTIONS: Pick<TrainingOptions, 'model' | 'train'> = {
  model: {
    backbone: 'mobilenet_v1',
    alpha: 0.25,
    weights: { type: 'none' },
    output: 'conv_pw_2_relu',
    pooling: 'avg',
    head: [],
    freeze: { type: 'backbone' },
    freezeBatchNorm: true,
  },
  train: {
    epochs: 8,
    batchSize: 5,
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    learningRate: 0.01,
    schedule: { name: 'constant' },
    warmupEpochs: 0,
    labelSmoothing: 0,
    weightDecay: 0,
    classWeights: 'none',
    earlyStopping: null,
    fineTune: null,
    checkpoint: { monitor: 'val_loss' },
  },
};

export function sampleWeights(): NamedWeights {
  const config = {
    alpha: 0.25,
    output: 'conv_pw_2_relu',
    input: { height: SIDE, width: SIDE },
    encoding: { scale: 1, offset: 0 },
    pooling: 'avg' as const,
    head: [],
    classes: 2,
  };
  return new Map([...initialWeights(config, null, 3)].filter(([name]) => !name.startsWith('predictions')));
}

export function sampleExamples(): { training: TrainingExample[]; validation: TrainingExample[] } {
  const examples = Array.from({ length: 24 }, (_, index) => sampleExample(index));
  return { training: examples.slice(0, 16), validation: examples.slice(16) };
}

function sampleExample(index: number): TrainingExample {
  const label = index % 2;
  const pixels = () => {
    const random = Random.of(1, 'picture', index);
    return Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => random.integer(at % 3 === 2 * label ? 256 : 160));
  };
  return { id: `picture-${index}`, digest: `digest-${index}`, label, pixels };
}

/** Epoch 1 sees each picture as it is, later ones a darker one each. @param see told when a darker one is asked for */
export function redrawnExamples(
  examples: readonly TrainingExample[],
  see: (example: TrainingExample, epoch: number) => void = () => undefined,
): TrainingExample[] {
  return examples.map((example) => ({
    ...example,
    inEpoch: (epoch) => {
      if (epoch === 1) return example;
      const pixels = () => {
        see(example, epoch);
        return example.pixels().map((value) => value / epoch);
      };
      const names = { id: `${example.id}-${epoch}`, digest: `${example.digest}-${epoch}` };
      return { ...example, ...names, pixels, fleeting: true };
    },
  }));
}

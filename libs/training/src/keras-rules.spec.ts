import type { DenseNode, GraphNode } from '@graft/model';
import { reverseAxes } from '@graft/tensor';
import type { TrainSection } from '@graft/spec';

import { openBackend } from './backend';
import {
  draw,
  drawnTensor,
  installedBackends,
  kerasFixture,
  plainTraining,
  relativeError,
} from './keras-parity.sample';
import { Trainer } from './learn';
import { OwnLearner } from './learner';
import { trainableLayers } from './trainable';
import type { TrainingExample } from './training-example';

interface Rule {
  readonly labelSmoothing: number;
  readonly classWeights: readonly number[] | null;
  /** Of each step, before it. */
  readonly losses: readonly number[];
  /** After the last step; Keras names and layouts. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
}

interface EpochFigures {
  readonly loss: number;
  readonly accuracy: number;
  readonly val_loss: number;
  readonly val_accuracy: number;
}

const { epoch, ...rules } = kerasFixture<{ epoch: EpochFigures } & Record<string, Rule>>('rules');

const [FEATURES, UNITS, CLASSES] = [6, 8, 3];
const EXAMPLES: readonly TrainingExample[] = Array.from({ length: 12 }, (_, index) => {
  const id = `${index}`.padStart(2, '0');
  return { id, digest: id, label: index % CLASSES, pixels: () => new Uint8Array() };
});
const ROWS = draw('rules/features', EXAMPLES.length * FEATURES, -1, 1);

const INPUTS = {
  shape: { channels: FEATURES, height: 1, width: 1 },
  vector: true,
  read: async (examples: readonly TrainingExample[]) =>
    Float32Array.from(
      examples.flatMap(({ id }) => [...ROWS.slice(Number(id) * FEATURES, (Number(id) + 1) * FEATURES)]),
    ),
};

function denseNode(name: string, inputs: number, units: number): DenseNode {
  const weights = reverseAxes(drawnTensor(`${name}/kernel`, [inputs, units]), inputs, 1, units);
  return { kind: 'dense', name, inputs, units, weights, bias: drawnTensor(`${name}/bias`, [units]) };
}

const NODES: readonly GraphNode[] = [
  denseNode('dense_1', FEATURES, UNITS),
  { kind: 'activation', name: 'dense_1_relu', activation: 'relu' },
  denseNode('predictions', UNITS, CLASSES),
];

function trainerOf(train: TrainSection, weights: readonly number[] | null, parts: Partial<Parts> = {}) {
  const { partSize = 5, ...sets } = parts;
  const learner = new OwnLearner({
    layers: trainableLayers(NODES, { head: [], freezeBatchNorm: true, seed: 1 }),
    classes: { count: CLASSES, weights: weights ?? [1, 1, 1] },
    ...{ inputs: INPUTS, labelSmoothing: train.labelSmoothing, partSize },
  });
  const trainer = new Trainer({
    ...{ learner, train, seed: 1, training: [], validation: [], phase: 'training' },
    before: { history: [], bestEpoch: 0 },
    checkpoint: { load: async () => null, save: async () => undefined, leastMs: Infinity },
    report: () => undefined,
    ...sets,
  });
  return { chain: learner.chain, trainer };
}

interface Parts {
  readonly training: readonly TrainingExample[];
  readonly validation: readonly TrainingExample[];
  readonly partSize: number;
}

const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
const momentum = { name: 'sgd', momentum: 0.9, nesterov: false } as const;

/** What stands in an experiment for each of Keras's rules. */
const RULES: Readonly<Record<string, Pick<TrainSection, 'optimizer' | 'weightDecay'>>> = {
  sgd: { optimizer: { name: 'sgd', momentum: 0, nesterov: false }, weightDecay: 0 },
  momentum: { optimizer: momentum, weightDecay: 0 },
  nesterov: { optimizer: { ...momentum, nesterov: true }, weightDecay: 0 },
  adam: { optimizer: adam, weightDecay: 0 },
  'adam, other figures': { optimizer: { name: 'adam', beta1: 0.5, beta2: 0.8, epsilon: 0.01 }, weightDecay: 0 },
  'adam with weight decay': { optimizer: adam, weightDecay: 0.5 },
  'momentum with weight decay': { optimizer: momentum, weightDecay: 0.5 },
  'label smoothing': { optimizer: adam, weightDecay: 0 },
  'class weights': { optimizer: adam, weightDecay: 0 },
  'class weights and label smoothing': { optimizer: momentum, weightDecay: 0 },
};

test('every rule of the fixture is compared', () => {
  expect(Object.keys(rules).filter((name) => name !== 'madeBy')).toEqual(Object.keys(RULES));
});

describe.each(installedBackends('optimizers, label smoothing, class weights'))('on %s', (backend) => {
  beforeAll(() => openBackend(backend));

  test.each(Object.keys(RULES))('six steps go as in Keras: %s', async (name) => {
    const { labelSmoothing, classWeights, losses, tensors } = rules[name];
    const { chain, trainer } = trainerOf({ ...plainTraining(0.1, 5), ...RULES[name], labelSmoothing }, classWeights);
    const seen: number[] = [];
    for (const step of losses.keys()) {
      const batch = EXAMPLES.slice((step % 3) * 5, (step % 3) * 5 + 5);
      seen.push((await trainer.learnBatch(batch)).loss / batch.length);
    }
    expect(relativeError(seen, losses)).toBeLessThan(1e-5);
    // Adam divides by the size of the gradient, which the last bits decide where gradients of pictures cancel out.
    const tolerance = RULES[name].optimizer.name === 'adam' ? 1e-4 : 2e-6;
    chain.parameters.forEach(({ values }, index) =>
      expect(relativeError(values, Object.values(tensors)[index])).toBeLessThan(tolerance),
    );
    chain.dispose();
  });

  test('a batch worked off in parts learns the same', async () => {
    const { losses } = rules.adam;
    const { chain, trainer } = trainerOf(plainTraining(0.1, 5), null, { partSize: 2 });
    const first = await trainer.learnBatch(EXAMPLES.slice(0, 5));
    const second = await trainer.learnBatch(EXAMPLES.slice(5, 10));
    expect(relativeError([first.loss / 5, second.loss / 5], losses.slice(0, 2))).toBeLessThan(2e-6);
    chain.dispose();
  });

  test('an epoch tells the figures that Keras tells', async () => {
    // So low a rate that nothing moves: the order of the pictures does not matter.
    const train = { ...plainTraining(1e-30, 5), labelSmoothing: 0.1 };
    const parts = { training: EXAMPLES.slice(0, 7), validation: EXAMPLES.slice(7) };
    const { chain, trainer } = trainerOf(train, [0.5, 1, 3], parts);
    const { loss, accuracy, valLoss, valAccuracy } = await trainer.epoch(1);
    const theirs = [epoch.loss, epoch.accuracy, epoch.val_loss, epoch.val_accuracy];
    expect(relativeError([loss, accuracy, valLoss ?? NaN, valAccuracy ?? NaN], theirs)).toBeLessThan(2e-6);
    chain.dispose();
  });
});

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { sha256, silent, type StageEvent } from '@graft/foundation';
import { evaluate, writeGraph } from '@graft/model';
import type { ModelSection, TrainSection } from '@graft/spec';
import * as tf from '@tensorflow/tfjs-core';

import { memoryFeatureStore } from './feature-store';
import { openRunner } from './runner';
import { redrawnExamples, SIDE, sampleExamples, sampleOptions, sampleWeights } from './train-model.sample';
import { trainModel, type TrainedModel, type TrainingOptions } from './train-model';

const digestOf = ({ graph }: TrainedModel) => {
  const { json, bin } = writeGraph(graph);
  return sha256(sha256(json) + sha256(bin));
};

const model = (changes: Partial<ModelSection>): Partial<TrainingOptions> => ({
  model: { ...sampleOptions().model, ...changes },
});
const train = (changes: Partial<TrainSection>): Partial<TrainingOptions> => ({
  train: { ...sampleOptions().train, ...changes },
});
const run = (changes: Partial<TrainingOptions> = {}) => trainModel({ ...sampleOptions(), ...changes });

describe('a head on a frozen backbone', () => {
  test('learns to tell the classes apart', async () => {
    const { history, bestEpoch, frozenLayers } = await run();
    expect(history.at(-1)?.valAccuracy).toBe(1);
    expect(history[bestEpoch - 1].valLoss).toBe(Math.min(...history.map((metrics) => metrics.valLoss ?? Infinity)));
    expect(frozenLayers.at(-1)).toBe('conv_pw_2_relu');
  });

  test('leaves the backbone as it was', async () => {
    const before = sampleWeights().get('conv_dw_1/depthwise_kernel');
    const { graph } = await run();
    const node = graph.nodes.find(({ name }) => name === 'conv_dw_1');
    // [row][column][channel] and [channel][row][column] hold the same numbers.
    expect([...((node?.kind === 'depthwise' && node.weights) || [])].sort()).toEqual([...(before?.data ?? [])].sort());
  });

  test('runs each picture through the backbone once; the cache serves later runs', async () => {
    const featureCache = memoryFeatureStore();
    const first = await run({ featureCache });
    expect(first.features).toEqual({ extracted: 24, reused: 0 });
    const again = await run({ featureCache });
    expect(again.features).toEqual({ extracted: 0, reused: 24 });
    expect(digestOf(again)).toBe(digestOf(first));
  });

  test('sees means and maxima of the same maps where it is asked to', async () => {
    const featureCache = memoryFeatureStore();
    await run({ featureCache });
    const both = await run({ featureCache, ...model({ pooling: 'avg_max' }) });
    expect(both.features).toEqual({ extracted: 24, reused: 0 });
    expect(both.history.at(-1)?.valAccuracy).toBe(1);
    // 128 channels at alpha 0.25 are 32, each with two values.
    expect(both.graph.nodes.find(({ name }) => name === 'predictions')).toMatchObject({ inputs: 64 });
  });

  test('other weights make other features', async () => {
    const featureCache = memoryFeatureStore();
    await run({ featureCache });
    const weights = new Map([...sampleWeights()]);
    weights.set('conv1_bn/beta', { shape: [8], data: new Float32Array(8).fill(0.3) });
    expect((await run({ featureCache, weights })).features.reused).toBe(0);
  });
});

describe('examples that are drawn anew in every epoch', () => {
  const redrawn = () => {
    const options = sampleOptions();
    const seen: string[] = [];
    const training = redrawnExamples(options.training, (example, epoch) => seen.push(`${example.id} ${epoch}`));
    return { options: { ...options, training, train: { ...options.train, epochs: 4 } }, seen };
  };

  test('go through the frozen layers once in each epoch, and are not kept', async () => {
    const kept = new Map<string, Float32Array>();
    const store = memoryFeatureStore();
    const featureCache = { ...store, put: async (key: string, values: Float32Array) => void kept.set(key, values) };
    const { options, seen } = redrawn();
    await trainModel({ ...options, featureCache });
    expect(seen).toHaveLength(options.training.length * 3);
    expect(new Set(seen).size).toBe(seen.length);
    expect(kept.size).toBe(options.training.length + options.validation.length);
  });

  test('teach something else than the same ones would, to the same bytes in every run', async () => {
    const { options } = redrawn();
    const first = digestOf(await trainModel(options));
    expect(digestOf(await trainModel(redrawn().options))).toBe(first);
    expect(digestOf(await trainModel({ ...options, training: sampleOptions().training }))).not.toBe(first);
  });
});

describe('ridge in place of steps', () => {
  const ridge = (changes: Partial<TrainingOptions> = {}): TrainingOptions => ({
    ...sampleOptions(),
    train: { ...sampleOptions().train, optimizer: { name: 'ridge', penalty: 0.1 } },
    ...changes,
  });

  test('gets made pictures right, in one epoch and to the same bytes', async () => {
    const solved = await trainModel(ridge());
    expect(solved).toMatchObject({
      bestEpoch: 1,
      history: [{ epoch: 1, phase: 'training', accuracy: 1, valAccuracy: 1 }],
    });
    expect(digestOf(await trainModel(ridge()))).toBe(digestOf(solved));
  });

  test('answers as the figures say, and sounds certain of what it knows', async () => {
    const { graph, history } = await trainModel(ridge());
    const runner = await openRunner(graph, { backend: 'wasm' });
    const { validation } = sampleExamples();
    const answers = await runner.predict(validation.map((example) => example.pixels()));
    runner.dispose();
    const losses = answers.map((answer, index) => -Math.log(answer[validation[index].label]));
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(mean).toBeCloseTo(history[0].valLoss ?? NaN, 4);
    // Between 0 and 1 as they come, scores of a right answer would give 0.31.
    expect(mean).toBeLessThan(0.2);
  });

  test('needs no validation pictures, whatever is to be watched', async () => {
    const { history } = await trainModel(ridge({ validation: [] }));
    expect(history).toMatchObject([{ valLoss: null, valAccuracy: null }]);
  });

  test('a class that weighs more is answered more often', async () => {
    const { training, validation } = sampleExamples();
    // Labels by chance: only the weights speak.
    const mixed = training.map((example, index) => ({ ...example, label: index % 3 === 0 ? 1 : 0 }));
    const share = async (weights: readonly [number, number]) => {
      const train = { ...ridge().train, optimizer: { name: 'ridge', penalty: 100 } as const };
      const { graph } = await trainModel(ridge({ training: mixed, classes: { count: 2, weights }, train }));
      const runner = await openRunner(graph, { backend: 'wasm' });
      const answers = await runner.predict(validation.map((example) => example.pixels()));
      runner.dispose();
      return answers.reduce((sum, answer) => sum + answer[1], 0) / answers.length;
    };
    expect(await share([0.2, 3])).toBeGreaterThan(await share([1, 1]));
  });
});

describe('the learning rate', () => {
  const digestWith = async (changes: Partial<TrainSection>) => digestOf(await run(train(changes)));

  test('that a schedule leaves as it is gives the same bytes as without one', async () => {
    const schedule = { name: 'step', every: 1, factor: 1 } as const;
    expect(await digestWith({ schedule })).toBe(await digestWith({}));
  });

  test('follows its schedule from step to step', async () => {
    const options: Partial<TrainSection>[] = [
      {},
      { schedule: { name: 'cosine' } },
      { schedule: { name: 'step', every: 2, factor: 0.5 } },
      { warmupEpochs: 2 },
    ];
    const digests = await Promise.all(options.map(digestWith));
    expect(new Set(digests).size).toBe(options.length);
  });

  test('falls to almost nothing where a plateau lowers it at once, and the network stays as it is', async () => {
    const schedule = { name: 'plateau', patience: 1, factor: 1e-9 } as const;
    const { history } = await run(train({ schedule, epochs: 12, checkpoint: null, learningRate: 1 }));
    const [first, ...rest] = history.slice(-3).map(({ valLoss }) => valLoss ?? 0);
    rest.forEach((loss) => expect(loss).toBeCloseTo(first, 5));
  });
});

describe('a second phase with fewer layers frozen', () => {
  const fineTune = { unfreezeFrom: 'conv_dw_2', epochs: 4, learningRate: 0.0005 };
  const kernelOf = ({ graph }: TrainedModel, name: string) => {
    const node = graph.nodes.find((one) => one.name === name);
    return node?.kind === 'convolution' ? [...node.weights] : [];
  };

  test('goes on where the first one ended, and teaches the layers above the new cut only', async () => {
    const first = await run(train({ checkpoint: null }));
    const both = await run(train({ checkpoint: null, fineTune }));
    expect(both.history.slice(0, 8)).toEqual(first.history);
    expect(both.history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(both.history.at(-1)?.loss).toBeLessThan(first.history.at(-1)?.loss ?? 0);
    expect(both.bestEpoch).toBe(12);
    expect(kernelOf(both, 'conv_pw_1')).toEqual(kernelOf(first, 'conv_pw_1'));
    expect(kernelOf(both, 'conv_pw_2')).not.toEqual(kernelOf(first, 'conv_pw_2'));
    expect(both.features.extracted).toBe(2 * first.features.extracted);
  });

  test('keeps the first phase, to the byte, where it makes nothing better', async () => {
    const spoiling = { ...fineTune, epochs: 2, learningRate: 3 };
    const [first, both] = [await run(), await run(train({ fineTune: spoiling }))];
    expect(both.bestEpoch).toBe(first.bestEpoch);
    expect(both.history).toHaveLength(first.history.length + 2);
    expect(digestOf(both)).toBe(digestOf(first));
  });

  test('is told as a task of its own', async () => {
    const tasks: string[] = [];
    const report = (event: StageEvent) =>
      void (event.type === 'progress' && tasks.push(`${event.task} ${event.done}/${event.total}`));
    await run({ ...train({ fineTune }), report });
    expect(tasks).toContain('training 8/8');
    expect(tasks).toContain('fine-tuning 4/4');
  });
});

describe('equal options give equal bytes', () => {
  test('in another order of examples', async () => {
    const { training, validation } = sampleExamples();
    const turned = await run({ training: training.toReversed(), validation: validation.toReversed() });
    expect(digestOf(turned)).toBe(digestOf(await run()));
  });

  test('in another process', async () => {
    const script = `
      const { sampleOptions } = require('./libs/training/src/train-model.sample.ts');
      const { trainModel } = require('@graft/training');
      const { writeGraph } = require('@graft/model');
      const { sha256 } = require('@graft/foundation');
      trainModel(sampleOptions()).then(({ graph }) => {
        const { json, bin } = writeGraph(graph);
        process.stdout.write(sha256(sha256(json) + sha256(bin)));
      });`;
    const root = join(__dirname, '../../..');
    const other = execFileSync(process.execPath, ['-r', '@swc-node/register', '-e', script], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(other).toBe(digestOf(await run()));
  });

  test('and another seed gives others', async () => {
    expect(digestOf(await run({ seed: 8 }))).not.toBe(digestOf(await run()));
  });
});

describe.each([
  ['frozen up to a layer', { freeze: { type: 'first', layers: 10 } }],
  ['nothing frozen, batch norms by the batch', { freeze: { type: 'none' }, freezeBatchNorm: false }],
  ['frozen up to a layer, maxima beside the means', { freeze: { type: 'first', layers: 10 }, pooling: 'avg_max' }],
] as const)('%s', (_, changes) => {
  test('the loss falls, and the layers above the cut change', async () => {
    const { graph, history } = await run(model(changes));
    expect(history.at(-1)?.loss).toBeLessThan(0.7 * history[0].loss);
    const before = sampleWeights().get('conv_pw_2/kernel')?.data ?? [];
    const node = graph.nodes.find(({ name }) => name === 'conv_pw_2');
    expect([...((node?.kind === 'convolution' && node.weights) || [])].sort()).not.toEqual([...before].sort());
  });
});

test.each(['avg', 'avg_max'] as const)('the graph answers as the evaluator defines it: pooling %s', async (pooling) => {
  const { graph } = await run(model({ freeze: { type: 'first', layers: 10 }, freezeBatchNorm: false, pooling }));
  const runner = await openRunner(graph, { backend: 'wasm' });
  const pictures = sampleExamples().validation.map((example) => example.pixels());
  const answers = await runner.predict(pictures);
  pictures.forEach((picture, index) => {
    const planes = picture.map((_, at) => picture[(at % (SIDE * SIDE)) * 3 + Math.floor(at / (SIDE * SIDE))]);
    evaluate(graph, planes).forEach((value, at) => expect(Math.abs(answers[index][at] - value)).toBeLessThan(1e-4));
  });
  runner.dispose();
});

test('training gives every tensor back', async () => {
  await run();
  const before = tf.memory().numTensors;
  await run(model({ freeze: { type: 'first', layers: 10 } }));
  expect(tf.memory().numTensors).toBe(before);
});

test('dropout is drawn from the seed and left out of the graph', async () => {
  const head = [
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 6, activation: 'relu' },
    { type: 'dropout', rate: 0.2 },
  ] as const;
  const first = await run(model({ head }));
  expect(digestOf(await run(model({ head })))).toBe(digestOf(first));
  expect(first.graph.nodes.slice(-4).map(({ name }) => name)).toEqual([
    'dense_1',
    'dense_1_relu',
    'predictions',
    'softmax',
  ]);
});

test('an abort ends training between two batches', async () => {
  const abort = new AbortController();
  const seen: StageEvent[] = [];
  const report = (event: StageEvent) => {
    seen.push(event);
    if (event.type === 'progress' && event.task === 'training' && event.done === 2) abort.abort(new Error('enough'));
  };
  const before = tf.memory().numTensors;
  await expect(run({ report, signal: abort.signal })).rejects.toThrow('enough');
  const epochs = seen.filter((event) => event.type === 'progress' && event.task === 'training' && event.done % 1 === 0);
  expect(epochs).toHaveLength(2);
  expect(tf.memory().numTensors).toBe(before);
});

test('each epoch is reported with its figures', async () => {
  const seen: StageEvent[] = [];
  await run({ report: (event) => seen.push(event) });
  const figures = {
    loss: expect.any(Number),
    accuracy: expect.any(Number),
    val_loss: expect.any(Number),
    val_accuracy: expect.any(Number),
    'examples/s': expect.any(Number),
  };
  expect(seen).toContainEqual({ type: 'progress', task: 'training', done: 1, total: 8, unit: 'epoch', figures });
  expect(seen).toContainEqual({ type: 'progress', task: 'computing features', done: 24, total: 24, unit: 'picture' });
});

test('an epoch that takes long is reported on its way, with the figures so far', async () => {
  let nowMs = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += 2000));
  const seen: StageEvent[] = [];
  await run({ report: (event) => seen.push(event) }).finally(() => clock.mockRestore());
  const figures = { loss: expect.any(Number), accuracy: expect.any(Number), 'examples/s': expect.any(Number) };
  const event = { type: 'progress', task: 'training', total: 8, unit: 'epoch', figures };
  // 16 pictures in batches of five; the last one ends the epoch.
  for (const done of [5 / 16, 10 / 16, 15 / 16, 1 + 5 / 16]) expect(seen).toContainEqual({ ...event, done });
});

describe('what cannot work is refused', () => {
  test('a class without pictures (E614)', async () => {
    const training = sampleExamples().training.filter((example) => example.label === 0);
    await expect(run({ training })).rejects.toMatchObject({ code: 'E614' });
  });

  test('a watched figure without validation pictures (E615)', async () => {
    await expect(run({ validation: [] })).rejects.toMatchObject({ code: 'E615' });
    await expect(run({ validation: [], ...train({ checkpoint: null }) })).resolves.toMatchObject({ bestEpoch: 8 });
  });

  test('a loss that is no number any more (E616)', async () => {
    const sgd = { name: 'sgd', momentum: 0.9, nesterov: false } as const;
    const wild = { ...model({ freeze: { type: 'none' } }), ...train({ optimizer: sgd, learningRate: 1e30 }) };
    await expect(run(wild)).rejects.toMatchObject({ code: 'E616' });
  });

  test('frozen layers over random weights are warned about (W610)', async () => {
    const seen: StageEvent[] = [];
    await run({ weights: null, report: (event) => seen.push(event), ...train({ epochs: 1 }) });
    expect(seen).toContainEqual(expect.objectContaining({ type: 'warning', code: 'W610' }));
    await run({ weights: null, report: silent, ...train({ epochs: 1 }), ...model({ freeze: { type: 'none' } }) });
  });
});

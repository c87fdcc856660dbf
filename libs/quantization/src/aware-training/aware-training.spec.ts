import { silent } from '@graft/foundation';

import { chainOf } from '../chain';
import { evenlySpread } from '../evenly-spread';
import { measureRanges } from '../measure-ranges';
import { quantizeGraph } from '../quantize-graph';
import { quantizeInSteps } from '../quantize-in-steps';
import type { QuantizedNetwork } from '../quantize-graph';
import type { QuantizedLayers } from '../quantize-layers';
import type { QuantizedGraph } from '../quantized-graph';
import { writeQuantizedGraph } from '../quantized-graph-file';
import { optionsWith } from '../random-graph.fixture';
import { IN_PLACE, runTask } from '../tasks';
import { perturbed, trainedClassifier } from '../trained-classifier.fixture';
import type { Labelled } from '../trained-classifier.fixture';
import { trainAware } from './aware-training';
import type { AwareTraining, Lesson } from './aware-training';

jest.setTimeout(60_000);

/** Narrow, and with scales of 0.05 … 20 between its channels, of which one scale a map loses the quiet ones. */
const recipe = { alpha: 0.25, output: 'conv_pw_3_relu', side: 16, activation: 'relu', seed: 1 } as const;
const classifier = trainedClassifier(recipe);
const scaled = perturbed(classifier.graph, 5);
const learned = part(classifier.train, 0, 96);
const validation = part(classifier.train, 96, 160);
const unseen = classifier.test;

function part({ pictures, labels }: Labelled, from: number, to: number): Labelled {
  return { pictures: pictures.slice(from, to), labels: labels.slice(from, to) };
}

/** Scales per channel would save this network by themselves. */
const RECIPE = { method: 'minmax', channelScales: false } as const;

const training = (changes: Partial<AwareTraining> = {}): AwareTraining => ({
  epochs: 4,
  learningRate: 0.0003,
  unfreezeFrom: 'conv_dw_2',
  seed: 1,
  validation,
  ...changes,
});

const quantize = (awareTraining?: AwareTraining): Promise<QuantizedNetwork> =>
  quantizeGraph(scaled, optionsWith(learned.pictures, { ...RECIPE, ...(awareTraining && { awareTraining }) }));

const work = { tasks: IN_PLACE, report: silent, signal: new AbortController().signal };
let start: QuantizedLayers;
let lesson: Lesson;

/** On the network that was quantized already. */
const trainOn = (changes: Partial<AwareTraining>) => trainAware(start, lesson, training(changes), work);

async function quantizedOnce(): Promise<void> {
  const chain = chainOf(scaled);
  const correction = evenlySpread(learned.pictures.length, 16);
  const { observers, logits, samples } = await measureRanges(
    scaled,
    chain.convolutions,
    learned.pictures,
    correction,
    work,
  );
  lesson = { pictures: learned.pictures, logits };
  const pictures = correction.map((place) => learned.pictures[place]);
  const network = { name: scaled.name, input: scaled.input, chain, observers, pictures, samples };
  start = await quantizeInSteps(network, { ...optionsWith([]), ...RECIPE }, work);
}

const bytesOf = (graph: QuantizedGraph) => writeQuantizedGraph(graph);

function accuracy(graph: QuantizedGraph, { pictures, labels }: Labelled): number {
  const { logits } = runTask({ kind: 'answer', graph, pictures });
  return logits.filter((scores, index) => scores.indexOf(Math.max(...scores)) === labels[index]).length / labels.length;
}

let plain: QuantizedNetwork;
let trained: QuantizedNetwork;

beforeAll(async () => {
  plain = await quantize();
  await quantizedOnce();
  trained = await quantize(training());
});

test('of eight networks that 8 bits hurt, none gets worse, and half of what they lost comes back on unseen pictures', async () => {
  const results = [];
  for (const seed of [1, 2, 3, 4]) {
    for (const scales of [5, 6]) results.push(await beforeAndAfter(seed, scales));
  }
  const lost = sum(results.map(({ float, before }) => float - before));
  const left = sum(results.map(({ float, after }) => float - after));
  expect(lost / results.length).toBeGreaterThan(0.1);
  expect(left).toBeLessThan(lost / 2);
  for (const { before, after } of results) expect(after).toBeGreaterThanOrEqual(before);
}, 240_000);

/** Shares of unseen pictures, with the defaults of an experiment. */
async function beforeAndAfter(seed: number, scales: number) {
  const { graph, train, test: others } = trainedClassifier({ ...recipe, seed });
  const network = perturbed(graph, scales);
  const { logits } = runTask({ kind: 'observe', graph: network, first: 0, pictures: others.pictures });
  const float = logits.filter((scores, at) => scores.indexOf(Math.max(...scores)) === others.labels[at]).length / 200;
  const judges = part(train, 96, 160);
  const options = optionsWith(train.pictures.slice(0, 96), RECIPE);
  const plainly = await quantizeGraph(network, options);
  const aware = await quantizeGraph(network, {
    ...options,
    awareTraining: training({ epochs: 5, validation: judges }),
  });
  return { float, before: accuracy(plainly.graph, others), after: accuracy(aware.graph, others) };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

test('the report tells what the device gets right before, after each epoch, and which one was kept', () => {
  const { awareTraining: report } = trained;
  expect(plain.awareTraining).toBeNull();
  expect(report).toMatchObject({ pictures: 96, validationPictures: 64, before: accuracy(plain.graph, validation) });
  const accuracies = report?.epochs.map(({ deviceAccuracy }) => deviceAccuracy) ?? [];
  expect(accuracies).toHaveLength(4);
  const best = Math.max(...accuracies);
  expect(best).toBeGreaterThan(report?.before ?? 1);
  expect(report?.kept).toBe(accuracies.lastIndexOf(best) + 1);
  expect(accuracy(trained.graph, validation)).toBe(best);
});

test('the layers before the first one that learns stay, and scales and ranges of all', () => {
  const place = plain.graph.convolutions.findIndex(({ name }) => name === 'conv_dw_2');
  expect(trained.graph.convolutions.slice(0, place)).toEqual(plain.graph.convolutions.slice(0, place));
  const weights = ({ convolutions }: QuantizedGraph) => convolutions.map((layer) => layer.weights);
  expect(weights(trained.graph)).not.toEqual(weights(plain.graph));
  const encodings = ({ convolutions }: QuantizedGraph) =>
    convolutions.map(({ weightScales, input, output }) => ({ weightScales, input, output }));
  expect(encodings(trained.graph)).toEqual(encodings(plain.graph));
});

test('where no epoch is better, the network as it was quantized stays, to the byte', async () => {
  // Steps so large that they destroy what was there.
  const { graph, report } = await trainOn({ epochs: 2, learningRate: 0.1 });
  expect(report.kept).toBeNull();
  expect(bytesOf(graph)).toEqual(bytesOf(start.graph));
});

test('equal is not better', async () => {
  // Steps too small to change one byte or one answer.
  const { graph, report } = await trainOn({ epochs: 2, learningRate: 1e-12 });
  expect(report.epochs.map(({ deviceAccuracy }) => deviceAccuracy)).toEqual([report.before, report.before]);
  expect(report.kept).toBeNull();
  expect(bytesOf(graph)).toEqual(bytesOf(start.graph));
});

test('the dense layers alone can learn', async () => {
  const { graph, report } = await trainOn({ epochs: 8, unfreezeFrom: null, learningRate: 0.001 });
  expect(report.kept).not.toBeNull();
  expect(graph.convolutions).toEqual(start.graph.convolutions);
  expect(accuracy(graph, unseen)).toBeGreaterThan(accuracy(start.graph, unseen));
});

test('equal options give equal bytes, on any number of threads and wherever the maps are kept', async () => {
  const run = (count: number, memoryBytes: number) => {
    // Answers come in another order than the questions.
    const late = (index: number) => new Promise((resolve) => setTimeout(resolve, (index * 7) % 3));
    let asked = 0;
    const tasks = {
      count,
      run: async (task: Parameters<typeof IN_PLACE.run>[0]) => late(asked++).then(() => runTask(task)),
    };
    return trainAware(
      start,
      lesson,
      { ...training({ epochs: 1, learningRate: 0.0001 }), memoryBytes },
      { ...work, tasks },
    );
  };
  const one = await run(1, 2 ** 29);
  expect(one.report.kept).toBe(1);
  for (const other of [await run(3, 2 ** 29), await run(2, 0)]) {
    expect(bytesOf(other.graph)).toEqual(bytesOf(one.graph));
    expect(other.report).toEqual(one.report);
  }
});

test('without a validation picture nothing could say whether it helps: E328', async () => {
  const nobody = { pictures: [], labels: [] };
  await expect(quantize(training({ validation: nobody }))).rejects.toMatchObject({ code: 'E328' });
});

test('a layer that the network does not have cannot be the first to learn: E329', async () => {
  await expect(quantize(training({ unfreezeFrom: 'conv_dw_9' }))).rejects.toMatchObject({ code: 'E329' });
});

test('it can be stopped between two batches', async () => {
  const controller = new AbortController();
  const report = ({ type }: { readonly type: string }) => (type === 'progress' ? controller.abort() : undefined);
  const stopped = { tasks: IN_PLACE, report, signal: controller.signal };
  await expect(trainAware(start, lesson, training(), stopped)).rejects.toMatchObject({ name: 'AbortError' });
});

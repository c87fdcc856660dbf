import { quantizeGraph } from './quantize-graph';
import type { QuantizeOptions } from './quantize-graph';
import { optionsWith } from './random-graph.fixture';
import { runTask } from './tasks';
import { perturbed, trainedClassifier } from './trained-classifier.fixture';

jest.setTimeout(180_000);

const {
  graph,
  train,
  test: unseen,
} = trainedClassifier({
  alpha: 0.25,
  output: 'conv_pw_5_relu',
  side: 32,
  activation: 'relu',
  seed: 1,
});
const scaled = perturbed(graph, 5);

type Logits = readonly Float32Array[];

/** Each network is asked once, however many tests want its answers. */
const answers = new Map<string, Promise<Logits>>();

function once(of: typeof graph, recipe: string, make: () => Promise<Logits>): Promise<Logits> {
  const key = `${of === scaled ? 'scaled' : 'as it is'} ${recipe}`;
  const known = answers.get(key) ?? make();
  answers.set(key, known);
  return known;
}

const floatLogits = (of: typeof graph) =>
  once(of, 'float', () =>
    Promise.resolve(runTask({ kind: 'observe', graph: of, first: 0, pictures: unseen.pictures }).logits),
  );

const deviceLogits = (of: typeof graph, changes: Partial<QuantizeOptions>) =>
  once(of, JSON.stringify(changes), async () => {
    const { graph: quantized } = await quantizeGraph(of, optionsWith(train.pictures.slice(0, 32), changes));
    return runTask({ kind: 'answer', graph: quantized, pictures: unseen.pictures }).logits;
  });

function accuracy(logits: Logits): number {
  const right = logits.filter((scores, index) => scores.indexOf(Math.max(...scores)) === unseen.labels[index]);
  return right.length / logits.length;
}

/** Root mean square over pictures and classes. */
function distance(a: Logits, b: Logits): number {
  const squares = a.map((scores, picture) => scores.reduce((sum, score, k) => sum + (score - b[picture][k]) ** 2, 0));
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (a.length * a[0].length));
}

const OURS = { roundingSearch: true };
const REFERENCE = { method: 'nncase-0.1' } as const;

test('a trained network loses less than half a point, and its logits less than half of what nncase 0.1 costs', async () => {
  const float = await floatLogits(graph);
  const ours = await deviceLogits(graph, OURS);
  expect(accuracy(float)).toBeGreaterThan(0.9);
  expect(accuracy(float) - accuracy(ours)).toBeLessThanOrEqual(0.005);
  expect(distance(float, ours)).toBeLessThan(distance(float, await deviceLogits(graph, REFERENCE)) / 2);
});

describe('with batch-norm scales of 0.05 … 20 inside', () => {
  test('it is the same network in floats', async () => {
    expect(distance(await floatLogits(scaled), await floatLogits(graph))).toBeLessThan(1e-3);
  });

  test('it loses less than a point by the default, where nncase 0.1 loses more than 20', async () => {
    const float = accuracy(await floatLogits(scaled));
    expect(float - accuracy(await deviceLogits(scaled, OURS))).toBeLessThanOrEqual(0.01);
    expect(float - accuracy(await deviceLogits(scaled, REFERENCE))).toBeGreaterThan(0.2);
  });

  test('scales per channel make up for nearly all of it', async () => {
    const float = await floatLogits(scaled);
    const without = distance(float, await deviceLogits(scaled, { ...OURS, channelScales: false }));
    expect(distance(float, await deviceLogits(scaled, OURS))).toBeLessThan(without / 10);
  });
});

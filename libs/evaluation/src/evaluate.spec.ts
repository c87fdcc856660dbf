import { DiagnosticsError } from '@graft/foundation';
import { evaluatePredictions } from './evaluate';
import type { Prediction } from './prediction';

const CLASSES = ['charizard', 'pikachu', 'eevee'];

/** One picture a row: truth, float answer with its probability, device answer with its probability. */
function picture(id: string, label: number, float: [number, number], device: [number, number]): Prediction {
  return { id, path: `pictures/${id}.png`, label, float: spread(...float), device: spread(...device) };
}

function spread(answer: number, probability: number): number[] {
  return CLASSES.map((_, index) => (index === answer ? probability : (1 - probability) / (CLASSES.length - 1)));
}

const PICTURES = [
  picture('a', 0, [0, 0.9], [0, 0.8]),
  picture('b', 0, [0, 0.6], [1, 0.5]), // flips, wrong on the device
  picture('c', 1, [1, 0.9], [1, 0.9]),
  picture('d', 1, [0, 0.7], [0, 0.95]), // wrong in both
  picture('e', 1, [0, 0.5], [1, 0.6]), // flips, right on the device
  picture('f', 1, [1, 0.8], [1, 0.8]),
];
const metrics = evaluatePredictions(PICTURES, { classes: CLASSES, confidence: 0.95 });

const codesOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics.map((one) => one.code);
    throw error;
  }
  return [];
};

test('accuracies and agreement are shares of the pictures', () => {
  expect(metrics.count).toBe(6);
  expect(metrics.floatAccuracy).toMatchObject({ successes: 4, total: 6 });
  expect(metrics.deviceAccuracy).toMatchObject({ successes: 4, total: 6 });
  expect(metrics.agreement).toMatchObject({ successes: 4, total: 6 });
  expect(metrics.accuracyDrop).toBe(0);
});

test('the confusion matrix counts truth by answer', () => {
  expect(metrics.float.confusion).toEqual([
    [2, 0, 0],
    [2, 2, 0],
    [0, 0, 0],
  ]);
  expect(metrics.device.confusion).toEqual([
    [1, 1, 0],
    [1, 3, 0],
    [0, 0, 0],
  ]);
});

test('precision, recall and F1 follow from the confusion matrix', () => {
  expect(metrics.device.perClass[1]).toEqual({
    name: 'pikachu',
    support: 4,
    precision: 3 / 4,
    recall: 3 / 4,
    f1: 6 / 8,
  });
  expect(metrics.float.perClass[0]).toEqual({ name: 'charizard', support: 2, precision: 2 / 4, recall: 1, f1: 4 / 6 });
});

test('a class without pictures and answers has no precision, recall and F1', () => {
  expect(metrics.device.perClass[2]).toEqual({ name: 'eevee', support: 0, precision: null, recall: null, f1: null });
});

test('worst pictures are wrong on the device, the surest first', () => {
  expect(metrics.worst.map((one) => one.id)).toEqual(['d', 'b']);
  expect(metrics.worst[0]).toEqual({
    id: 'd',
    path: 'pictures/d.png',
    truth: 'pikachu',
    floatAnswer: 'charizard',
    floatConfidence: 0.7,
    deviceAnswer: 'charizard',
    deviceConfidence: 0.95,
  });
});

test('flips are answered differently, also where the device is right', () => {
  expect(metrics.flips.map((one) => one.id)).toEqual(['e', 'b']);
});

test('the probability difference is taken over all pictures and classes', () => {
  const two = evaluatePredictions(
    [
      { id: 'x', path: 'x', label: 0, float: [0.5, 0.5], device: [0.75, 0.25] },
      { id: 'y', path: 'y', label: 0, float: [1, 0], device: [1, 0] },
    ],
    { classes: ['no', 'yes'], confidence: 0.9 },
  );
  expect(two.probabilityDifference).toEqual({ mean: 0.125, max: 0.25 });
});

test('the order of the predictions does not matter', () => {
  expect(evaluatePredictions([...PICTURES].reverse(), { classes: CLASSES, confidence: 0.95 })).toEqual(metrics);
});

test('lists of examples end at the given length', () => {
  const short = evaluatePredictions(PICTURES, { classes: CLASSES, confidence: 0.95, maxExamples: 1 });
  expect([short.worst.length, short.flips.length]).toEqual([1, 1]);
});

test('of equal probabilities the first class is the answer', () => {
  const tie: Prediction = { id: 't', path: 't', label: 1, float: [0.5, 0.5], device: [0.5, 0.5] };
  const { device } = evaluatePredictions([tie], { classes: ['no', 'yes'], confidence: 0.95 });
  expect(device.confusion).toEqual([
    [0, 0],
    [1, 0],
  ]);
});

test('no pictures, and a confidence that is none, are told together', () => {
  expect(codesOf(() => evaluatePredictions([], { classes: CLASSES, confidence: 1 }))).toEqual(['E703', 'E701']);
});

test('every prediction that does not fit the classes is named', () => {
  const bad = [
    { ...PICTURES[0], label: 3 },
    PICTURES[1],
    { ...PICTURES[2], device: [1] },
    { ...PICTURES[3], float: [0.5, 0.25, 0.125, 0.125] },
    { ...PICTURES[4], device: [Number.NaN, 0, 0] },
  ];
  expect(codesOf(() => evaluatePredictions(bad, { classes: CLASSES, confidence: 0.95 }))).toEqual(
    Array(4).fill('E702'),
  );
});

import { evaluatePredictions } from './evaluate';
import { checkLatency, checkRequirements, type Requirements } from './requirements';

const NOTHING: Requirements = {
  minDeviceAccuracy: null,
  maxAccuracyDrop: null,
  minAgreement: null,
  maxKmodelBytes: null,
  maxLatencyMs: null,
};
const FACTS = { kmodelBytes: 2_000_000, speed: { estimatedMs: 35, lowMs: 25, highMs: 49 } };

/** 50 pictures: float all right, the device wrong in one. 98 %, a drop of 2 points, 98 % agreement. */
const metrics = evaluatePredictions(
  Array.from({ length: 50 }, (_, index) => ({
    id: String(index),
    path: `${index}.png`,
    label: 0,
    float: [1, 0],
    device: index === 0 ? [0, 1] : [1, 0],
  })),
  { classes: ['yes', 'no'], confidence: 0.95 },
);

test('nothing required, nothing to complain about', () => {
  expect(checkRequirements(metrics, FACTS, NOTHING)).toEqual([]);
});

test('what is measured exactly as required is met', () => {
  const exact = {
    minDeviceAccuracy: 0.98,
    maxAccuracyDrop: 0.02,
    minAgreement: 0.98,
    maxKmodelBytes: 2_000_000,
    maxLatencyMs: 35,
  };
  expect(checkRequirements(metrics, FACTS, exact)).toEqual([]);
});

test('all requirements that are missed are told at once, each with key, wanted, measured and a hint', () => {
  const strict = {
    minDeviceAccuracy: 0.99,
    maxAccuracyDrop: 0.01,
    minAgreement: 0.985,
    maxKmodelBytes: 1_048_576,
    maxLatencyMs: 30,
  };
  const found = checkRequirements(metrics, FACTS, strict);
  expect(found.map((one) => one.code)).toEqual(['E710', 'E711', 'E712', 'E713', 'E714']);
  expect(found.every((one) => one.severity === 'error' && (one.hint ?? '') !== '')).toBe(true);
  expect(found[0].message).toMatch(/require\.device_accuracy.*99\.00 %.*98\.00 % \(49 of 50\)/);
  expect(found[0].details?.[0]).toMatch(/^95 % interval: 89\.\d\d % to 99\.\d\d %$/);
  expect(found[1].message).toMatch(/require\.accuracy_drop.*1\.00 points.*2\.00 points/);
  expect(found[2].message).toMatch(/require\.agreement.*98\.50 %.*98\.00 %/);
  expect(found[3].message).toMatch(
    /require\.kmodel_size.*1\.00 MiB \(1,048,576 bytes\).*1\.91 MiB \(2,000,000 bytes\)/,
  );
  expect(found[4].message).toBe('require.latency allows 30 ms a picture; the estimate is 35 ms');
  expect(found[4].details).toEqual(['not measured; from published figures, which leave 25 ms to 49 ms']);
});

test('a device that does better than float meets any drop', () => {
  const better = { ...metrics, accuracyDrop: -0.1 };
  expect(checkRequirements(better, FACTS, { ...NOTHING, maxAccuracyDrop: 0 })).toEqual([]);
});

test('the latency can be judged before there is a model, by the estimate and not by its band', () => {
  expect(checkLatency(FACTS.speed, { maxLatencyMs: 35 })).toEqual([]);
  expect(checkLatency(FACTS.speed, { maxLatencyMs: null })).toEqual([]);
  expect(checkLatency(FACTS.speed, { maxLatencyMs: 34 })).toMatchObject([{ code: 'E714' }]);
});

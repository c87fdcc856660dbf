import { evaluatePredictions } from './evaluate';
import { checkRequirements, type Requirements } from './requirements';

const NOTHING: Requirements = {
  minDeviceAccuracy: null,
  maxAccuracyDrop: null,
  minAgreement: null,
  maxKmodelBytes: null,
};
const FACTS = { kmodelBytes: 2_000_000 };

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
  const exact = { minDeviceAccuracy: 0.98, maxAccuracyDrop: 0.02, minAgreement: 0.98, maxKmodelBytes: 2_000_000 };
  expect(checkRequirements(metrics, FACTS, exact)).toEqual([]);
});

test('all requirements that are missed are told at once, each with key, wanted, measured and a hint', () => {
  const strict = { minDeviceAccuracy: 0.99, maxAccuracyDrop: 0.01, minAgreement: 0.985, maxKmodelBytes: 1_048_576 };
  const found = checkRequirements(metrics, FACTS, strict);
  expect(found.map((one) => one.code)).toEqual(['E710', 'E711', 'E712', 'E713']);
  expect(found.every((one) => one.severity === 'error' && (one.hint ?? '') !== '')).toBe(true);
  expect(found[0].message).toMatch(/require\.device_accuracy.*99\.00 %.*98\.00 % \(49 of 50\)/);
  expect(found[0].details?.[0]).toMatch(/^95 % interval: 89\.\d\d % to 99\.\d\d %$/);
  expect(found[1].message).toMatch(/require\.accuracy_drop.*1\.00 points.*2\.00 points/);
  expect(found[2].message).toMatch(/require\.agreement.*98\.50 %.*98\.00 %/);
  expect(found[3].message).toMatch(
    /require\.kmodel_size.*1\.00 MiB \(1,048,576 bytes\).*1\.91 MiB \(2,000,000 bytes\)/,
  );
});

test('a device that does better than float meets any drop', () => {
  const better = { ...metrics, accuracyDrop: -0.1 };
  expect(checkRequirements(better, FACTS, { ...NOTHING, maxAccuracyDrop: 0 })).toEqual([]);
});

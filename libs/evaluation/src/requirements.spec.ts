import fc from 'fast-check';
import { evaluatePredictions } from './evaluate';
import type { Requirements } from './gates';
import { wilsonInterval } from './interval';
import { checkLatency, checkRequirements, checkStrict, strictNeeds } from './requirements';

const NOTHING: Requirements = {
  minDeviceAccuracy: null,
  maxAccuracyDrop: null,
  minAgreement: null,
  maxKmodelBytes: null,
  maxLatencyMs: null,
  strict: [],
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
    strict: [],
  };
  expect(checkRequirements(metrics, FACTS, exact)).toEqual([]);
});

test('all requirements that are missed are told at once, each with key, wanted, measured and a hint', () => {
  const high = {
    minDeviceAccuracy: 0.99,
    maxAccuracyDrop: 0.01,
    minAgreement: 0.985,
    maxKmodelBytes: 1_048_576,
    maxLatencyMs: 30,
    strict: [],
  };
  const found = checkRequirements(metrics, FACTS, high);
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
  expect(checkLatency(FACTS.speed, { maxLatencyMs: 35, strict: [] })).toEqual([]);
  expect(checkLatency(FACTS.speed, { maxLatencyMs: null, strict: [] })).toEqual([]);
  expect(checkLatency(FACTS.speed, { maxLatencyMs: 34, strict: [] })).toMatchObject([{ code: 'E714' }]);
});

test('says by how many pictures a limit on a share or a drop is missed', () => {
  const high = { ...NOTHING, minDeviceAccuracy: 1, maxAccuracyDrop: 0.01, minAgreement: 1 };
  const [accuracy, drop, agreement] = checkRequirements(metrics, FACTS, high).map(({ details }) => details?.[1]);
  expect(accuracy).toBe('missed by 1 picture: 50 of 50 right would do');
  expect(drop).toMatch(/^missed by 1 picture: .* of the 1 that only float does$/);
  expect(agreement).toBe('missed by 1 picture: 50 of 50 equal would do');
});

describe('a strict limit', () => {
  const strictly = (wanted: Partial<Requirements>): Requirements => ({
    ...NOTHING,
    strict: ['device_accuracy', 'accuracy_drop', 'agreement', 'latency'],
    ...wanted,
  });

  test('is held against the worse end of the interval', () => {
    // The lower end of 49 of 50 is 89.5 %; the upper end of the drop of 1 in 50 is 10.5 points, by Newcombe's method.
    expect(checkRequirements(metrics, FACTS, strictly({ minDeviceAccuracy: 0.89, minAgreement: 0.89 }))).toEqual([]);
    const found = checkRequirements(
      metrics,
      FACTS,
      strictly({ minDeviceAccuracy: 0.9, maxAccuracyDrop: 0.02, minAgreement: 0.9, maxLatencyMs: 48 }),
    );
    expect(found.map(({ code }) => code)).toEqual(['E710', 'E711', 'E712', 'E714']);
    expect(found[0].message).toMatch(/asks for at least 90\.00 % at the lower end of the interval/);
    expect(found[0].details?.[1]).toBe('missed by 1 picture: 50 of 50 right would do');
    expect(found[1].details?.[0]).toBe('95 % interval: -5.32 points to 10.50 points');
    expect(found[3].message).toMatch(/allows 48 ms at the slower end a picture/);
    expect(checkRequirements(metrics, FACTS, strictly({ maxLatencyMs: 49 }))).toEqual([]);
  });

  test('of which the test pictures are too few is told with the number that it takes', () => {
    const wanted = strictly({ minDeviceAccuracy: 0.98, maxAccuracyDrop: 0.02 });
    const found = checkRequirements(metrics, FACTS, wanted);
    // 0.98 · 1.96² / 0.02 = 188.2
    for (const { details } of found) expect(details?.[1]).toMatch(/^not even .* it takes at least 189 /);
    expect(found).toHaveLength(2);
    expect(strictNeeds(wanted, 0.95).map(({ pictures }) => pictures)).toEqual([189, 189]);
    expect(checkStrict(wanted, 0.95, 188).map(({ code }) => code)).toEqual(['W741', 'W741']);
    expect(checkStrict(wanted, 0.95, 189)).toEqual([]);
    expect(checkStrict({ ...wanted, strict: [] }, 0.95, 1)).toEqual([]);
    expect(checkStrict(wanted, 0.95, null)).toEqual([]);
  });

  test('that no number of pictures can show is an error before anything runs', () => {
    const wanted = strictly({ minDeviceAccuracy: 1, minAgreement: 1, maxAccuracyDrop: 0 });
    expect(checkStrict(wanted, 0.95, null).map(({ code, severity }) => `${code} ${severity}`)).toEqual([
      'E740 error',
      'E740 error',
    ]);
  });

  test('takes the fewest pictures with which all right is enough', () => {
    const limit = fc.double({ min: 0.01, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(limit, fc.double({ min: 0.5, max: 0.9999, noNaN: true }), (share, confidence) => {
        const [{ pictures }] = strictNeeds(strictly({ minAgreement: share }), confidence);
        expect(wilsonInterval(pictures, pictures, confidence).low).toBeGreaterThanOrEqual(share - 1e-12);
        if (pictures > 1) expect(wilsonInterval(pictures - 1, pictures - 1, confidence).low).toBeLessThan(share);
      }),
    );
  });
});

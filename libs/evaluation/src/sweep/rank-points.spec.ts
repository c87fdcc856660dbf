import fc from 'fast-check';
import { wilsonInterval } from '../interval';
import type { Prediction } from '../prediction';
import { evaluatePredictions } from '../evaluate';
import { accuracyPerKb, accuracyPerMs, paretoFront, rankPoints } from './rank-points';
import { isMeasured, pointFigures } from './sweep-point';
import type { MeasuredPoint, PointFigures, SweepPointResult } from './sweep-point';

/** `right` of `total` answers right, the wrong ones at the end. */
function figures(
  right: number,
  total: number,
  kmodelBytes: number,
  estimatedMs: number,
  pictures = 'same',
): PointFigures {
  const share = wilsonInterval(right, total, 0.95);
  return {
    ...{ device: share, float: share, agreement: share, kmodelBytes, estimatedMs, pictures },
    ...{ kpuRamBytes: 0, mainMemoryBytes: 0, answers: '1'.repeat(right) + '0'.repeat(total - right) },
  };
}

const point = (
  id: string,
  measured: PointFigures | null,
  status: SweepPointResult['status'] = 'done',
): SweepPointResult => ({
  ...{ id, label: id, yaml: `id: ${id}\n`, status, reason: '' },
  figures: measured,
});

const POINTS = [
  point('large', figures(99, 100, 400_000, 40)),
  point('middle', figures(97, 100, 200_000, 20)),
  point('small', figures(80, 100, 50_000, 10)),
  point('poor', figures(79, 100, 210_000, 30)),
];

const ids = (rankBy: Parameters<typeof rankPoints>[1]['rankBy']): string[] =>
  rankPoints(POINTS, { rankBy, confidence: 0.95 }).points.map(({ id }) => id);

test.each([
  ['device_accuracy', ['large', 'middle', 'small', 'poor']],
  ['accuracy_per_kb', ['small', 'middle', 'poor', 'large']],
  ['accuracy_per_ms', ['small', 'middle', 'poor', 'large']],
  ['latency', ['small', 'middle', 'poor', 'large']],
  ['kmodel_size', ['small', 'middle', 'poor', 'large']],
] as const)('ranks by %s', (rankBy, order) => {
  expect(ids(rankBy)).toEqual(order);
});

test('accuracy for each KB and ms is in percent points', () => {
  const one = figures(80, 100, 50_000, 10);
  // 80 points on 50 KB and 10 ms.
  expect([accuracyPerKb(one), accuracyPerMs(one)]).toEqual([1.6, 8]);
});

test('of equally accurate points the smaller one comes first, then the faster one, whatever the order of the grid', () => {
  const equal = [
    point('a', figures(9, 10, 300, 1)),
    point('b', figures(9, 10, 200, 2)),
    point('c', figures(9, 10, 200, 1)),
  ];
  for (const points of [equal, [...equal].reverse()]) {
    const ranked = rankPoints(points, { rankBy: 'device_accuracy', confidence: 0.95 });
    expect(ranked.points.map(({ id, rank }) => [id, rank])).toEqual([
      ['c', 1],
      ['b', 2],
      ['a', 3],
    ]);
  }
});

test('says which points cannot be told from the most accurate one, by the pictures that only one of them gets right', () => {
  const { points, best } = rankPoints(POINTS, { rankBy: 'latency', confidence: 0.95 });
  expect(best?.id).toBe('large');
  const told = points.map(({ id, likeBest, pValue }) => [id, likeBest, Number(pValue.toFixed(4))]);
  // 2 pictures tell middle from large: p = 2 · 1/4. 19 tell small: p = 2 / 2^19, and 20 poor.
  expect(told).toEqual([
    ['small', false, 0],
    ['middle', true, 0.5],
    ['poor', false, 0],
    ['large', true, 1],
  ]);
});

test('with other test pictures, intervals decide', () => {
  const told = (right: number): boolean[] =>
    rankPoints([point('a', figures(99, 100, 1, 1)), point('b', figures(right, 100, 1, 1, 'others'))], {
      rankBy: 'device_accuracy',
      confidence: 0.95,
    }).points.map(({ likeBest }) => likeBest);
  expect(told(95)).toEqual([true, true]);
  expect(told(70)).toEqual([true, false]);
});

test('points that failed, miss what is required or do not fit are not ranked, and keep nobody from the front', () => {
  const others = [
    point('failed', null, 'failed'),
    point('missed', figures(100, 100, 1, 1), 'missed'),
    point('skipped', null, 'skipped'),
  ];
  const ranked = rankPoints([...others, ...POINTS], { rankBy: 'device_accuracy', confidence: 0.95 });
  expect(ranked.others).toEqual(others);
  expect(ranked.points.map(({ id, onSizeFront }) => [id, onSizeFront])).toEqual([
    ['large', true],
    ['middle', true],
    ['small', true],
    ['poor', false],
  ]);
});

test('a sweep of which nothing came out has no best point', () => {
  expect(rankPoints([point('a', null, 'failed')], { rankBy: 'latency', confidence: 0.95 })).toMatchObject({
    best: null,
    points: [],
  });
});

describe('the Pareto front', () => {
  const cost = ({ kmodelBytes }: PointFigures): number => kmodelBytes;
  const clouds = fc
    .array(fc.tuple(fc.nat(6), fc.nat(6)), { minLength: 1, maxLength: 12 })
    .map((pairs) =>
      pairs.map(([right, bytes], index) => point(`p${index}`, figures(right, 6, bytes + 1, 1))).filter(isMeasured),
    );
  const beats = (a: MeasuredPoint, b: MeasuredPoint): boolean =>
    a.figures.device.value >= b.figures.device.value &&
    cost(a.figures) <= cost(b.figures) &&
    (a.figures.device.value !== b.figures.device.value || cost(a.figures) !== cost(b.figures));

  test('holds exactly what nothing beats, and something that beats each of the others', () => {
    fc.assert(
      fc.property(clouds, (points) => {
        const front = paretoFront(points, cost);
        expect(front.size).toBeGreaterThan(0);
        for (const one of points) {
          const beaten = points.filter((other) => beats(other, one));
          if (front.has(one.id)) expect(beaten).toEqual([]);
          else expect(beaten.some(({ id }) => front.has(id))).toBe(true);
        }
      }),
    );
  });
});

test('figures of a point: answers in order of the pictures, whatever the order of the predictions', () => {
  const predictions: Prediction[] = [
    { id: 'b', path: 'b.png', label: 1, float: [0.2, 0.8], device: [0.6, 0.4] },
    { id: 'a', path: 'a.png', label: 0, float: [0.7, 0.3], device: [0.7, 0.3] },
  ];
  const metrics = evaluatePredictions(predictions, { classes: ['x', 'y'], confidence: 0.95 });
  const facts = { kmodelBytes: 5, kpuRamBytes: 6, mainMemoryBytes: 7, speed: { estimatedMs: 8, lowMs: 7, highMs: 9 } };
  const one = pointFigures(predictions, metrics, facts);
  expect(one).toMatchObject({ answers: '10', kmodelBytes: 5, estimatedMs: 8, device: { successes: 1, total: 2 } });
  expect(pointFigures([...predictions].reverse(), metrics, facts)).toEqual(one);
  const relabelled = predictions.map((prediction) => ({ ...prediction, label: 0 }));
  expect(pointFigures(relabelled, metrics, facts).pictures).not.toBe(one.pictures);
});

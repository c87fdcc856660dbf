import fc from 'fast-check';

import { chooseCut, effectiveCount, errorBar } from './choose-cut';

const scores = (...accuracies: number[]) =>
  accuracies.map((accuracy, index) => ({ accuracy, kmodelBytes: 100 * (index + 1) }));

describe('the smallest cut within one standard error of the best', () => {
  test('is an earlier one whose accuracy lies inside the bar, not one below it', () => {
    // The bar of 95 % of 100 trials ends at 92.3 %.
    expect(errorBar(0.95, 100).low).toBeCloseTo(0.9234, 4);
    expect(chooseCut(scores(0.8, 0.92, 0.93, 0.95, 0.94), 100)).toBe(2);
    expect(chooseCut(scores(0.8, 0.92, 0.93, 0.95, 0.94), 1000)).toBe(3);
  });

  test('goes by bytes, not by place', () => {
    const wide = [
      { accuracy: 0.95, kmodelBytes: 300 },
      { accuracy: 0.94, kmodelBytes: 200 },
      { accuracy: 0.94, kmodelBytes: 250 },
    ];
    expect(chooseCut(wide, 100)).toBe(1);
  });

  test('of equal cuts is the first', () => {
    expect(
      chooseCut(
        [
          { accuracy: 0.9, kmodelBytes: 7 },
          { accuracy: 0.9, kmodelBytes: 7 },
        ],
        50,
      ),
    ).toBe(0);
    expect(chooseCut(scores(1, 1, 1), 50)).toBe(0);
  });

  test('may be far below the best where there are few pictures, and is the first where all answers are wrong', () => {
    expect(chooseCut(scores(0.6, 0.8, 1), 2)).toBe(1);
    expect(chooseCut(scores(0, 0, 0), 10)).toBe(0);
  });

  test('is never below the bar, and no smaller one is inside it', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const cut = fc.record({ accuracy: share, kmodelBytes: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(cut, { minLength: 1, maxLength: 14 }), fc.integer({ min: 1, max: 500 }), (cuts, count) => {
        const chosen = cuts[chooseCut(cuts, count)];
        const { low } = errorBar(Math.max(...cuts.map(({ accuracy }) => accuracy)), count);
        expect(chosen.accuracy).toBeGreaterThanOrEqual(low);
        for (const other of cuts)
          if (other.accuracy >= low) expect(other.kmodelBytes).toBeGreaterThanOrEqual(chosen.kmodelBytes);
      }),
    );
  });
});

describe('the error bar', () => {
  test('is one standard error of Wilson, also where all or no answers are right', () => {
    expect(errorBar(1, 9).low).toBeCloseTo(0.9, 12);
    expect(errorBar(1, 9).high).toBe(1);
    expect(errorBar(0, 9)).toEqual({ low: 0, high: expect.closeTo(0.1, 12) });
  });

  test('shrinks as 1/√n', () => {
    const width = (count: number) => errorBar(0.8, count).high - errorBar(0.8, count).low;
    expect(width(10_000) / width(40_000)).toBeCloseTo(2, 2);
    expect(width(10_000)).toBeCloseTo(2 * Math.sqrt(0.16 / 10_000), 5);
  });
});

test('pictures in groups count as fewer trials', () => {
  expect(effectiveCount(['a', 'b', 'c', 'd'])).toBe(4);
  expect(effectiveCount(['a', 'a', 'b', 'b'])).toBe(2);
  // 16 frames of one animation and four pictures: 20² / (256 + 4).
  expect(effectiveCount([...Array<string>(16).fill('x'), 'a', 'b', 'c', 'd'])).toBeCloseTo(400 / 260, 12);
});

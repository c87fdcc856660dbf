import fc from 'fast-check';
import { crossValidationFolds } from './folds';
import type { LabelledGroup } from './groups';
import { assignSplits } from './splits';

const SHARES = { train: 0.7, validation: 0.15, test: 0.15 };
const many = (label: string, count: number): LabelledGroup[] =>
  Array.from({ length: count }, (_, index) => ({ group: `${label}-${index}`, label }));

const anyGroups = fc.uniqueArray(
  fc.record({ group: fc.string({ minLength: 1 }), label: fc.constantFrom('a', 'b', 'c') }),
  { selector: ({ group }) => group, maxLength: 60 },
);

describe('assignSplits', () => {
  test('adding pictures never moves one', () => {
    fc.assert(
      fc.property(anyGroups, anyGroups, fc.nat(), (before, more, seed) => {
        const { parts } = assignSplits(before, SHARES, seed);
        const after = assignSplits([...more, ...before], SHARES, seed).parts;
        for (const [group, part] of parts) expect(after.get(group)).toBe(part);
      }),
      { numRuns: 50 },
    );
  });

  test('the order of the pictures does not matter', () => {
    fc.assert(
      fc.property(anyGroups, fc.nat(), (groups, seed) => {
        const { parts, diagnostics } = assignSplits(groups, SHARES, seed);
        const reversed = assignSplits([...groups].reverse(), SHARES, seed);
        expect([...reversed.parts].sort()).toEqual([...parts].sort());
        expect(reversed.diagnostics).toEqual(diagnostics);
      }),
      { numRuns: 50 },
    );
  });

  test('each class keeps the shares, to within four standard deviations of 2000 draws', () => {
    const { parts, diagnostics } = assignSplits([...many('a', 2000), ...many('b', 2000)], SHARES, 42);
    expect(diagnostics).toEqual([]);
    for (const label of ['a', 'b']) {
      for (const part of ['train', 'validation', 'test'] as const) {
        const count = [...parts].filter(([group, own]) => group.startsWith(label) && own === part).length;
        const share = SHARES[part];
        expect(Math.abs(count - 2000 * share)).toBeLessThan(4 * Math.sqrt(2000 * share * (1 - share)));
      }
    }
  });

  test('another seed splits otherwise', () => {
    const split = (seed: number) => [...assignSplits(many('a', 100), SHARES, seed).parts.values()];
    expect(split(1)).not.toEqual(split(2));
  });

  test('a larger validation share takes from train only', () => {
    const groups = many('a', 300);
    const before = assignSplits(groups, SHARES, 1).parts;
    const after = assignSplits(groups, { train: 0.6, validation: 0.25, test: 0.15 }, 1).parts;
    for (const [group, part] of before) {
      expect(part === 'train' ? ['train', 'validation'] : [part]).toContain(after.get(group));
    }
  });

  test('a class with nothing to test on is E222, with its counts and a seed that helps', () => {
    const groups = [...many('a', 100), ...many('b', 4)];
    const seed = Array.from({ length: 100 }, (_, index) => index).find((candidate) => {
      const { diagnostics } = assignSplits(groups, SHARES, candidate);
      return diagnostics.length === 1 && diagnostics[0].message.includes('test');
    });
    const [diagnostic] = assignSplits(groups, SHARES, seed ?? -1).diagnostics;
    expect(diagnostic).toMatchObject({ code: 'E222', severity: 'error' });
    expect(diagnostic.message).toContain('"b"');
    expect(diagnostic.details?.[0]).toMatch(/^4 groups: train \d, validation \d, test 0$/);
    const better = Number(/set seed: (\d+)/.exec(diagnostic.hint ?? '')?.[1]);
    expect(assignSplits(groups, SHARES, better).diagnostics).toEqual([]);
  });

  test('a class of one picture cannot be split, and no seed is offered', () => {
    const { diagnostics } = assignSplits(many('a', 1), SHARES, 1);
    expect(diagnostics.map(({ code }) => code)).toEqual(['E222', 'E222']);
    expect(diagnostics[0].hint).not.toContain('seed');
  });

  test('a part without a share stays empty and is not missed', () => {
    const { parts, diagnostics } = assignSplits(many('a', 50), { train: 1, validation: 0, test: 0 }, 3);
    expect(new Set(parts.values())).toEqual(new Set(['train']));
    expect(diagnostics).toEqual([]);
  });
});

describe('crossValidationFolds', () => {
  test('the groups of each class, and all of them, fill the folds evenly', () => {
    fc.assert(
      fc.property(anyGroups, fc.integer({ min: 2, max: 7 }), fc.nat(), (groups, folds, seed) => {
        const dealt = crossValidationFolds(groups, folds, seed).folds;
        expect(dealt.size).toBe(groups.length);
        for (const chosen of [groups, ...['a', 'b', 'c'].map((label) => groups.filter((one) => one.label === label))]) {
          const sizes = Array.from(
            { length: folds },
            (_, fold) => chosen.filter(({ group }) => dealt.get(group) === fold).length,
          );
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the order of the pictures does not matter, the seed does', () => {
    const groups = [...many('a', 20), ...many('b', 13)];
    const { folds } = crossValidationFolds(groups, 5, 1);
    expect([...crossValidationFolds([...groups].reverse(), 5, 1).folds].sort()).toEqual([...folds].sort());
    expect([...crossValidationFolds(groups, 5, 2).folds].sort()).not.toEqual([...folds].sort());
  });

  test('a class of fewer groups than folds is E223', () => {
    const { diagnostics } = crossValidationFolds([...many('a', 20), ...many('b', 3)], 5, 1);
    expect(diagnostics).toMatchObject([{ code: 'E223', message: expect.stringContaining('"b" has 3 groups') }]);
  });
});

import { crossValidationFolds } from '@graft/dataset';
import fc from 'fast-check';
import { foldParts } from './fold-parts';

/** Animations of one to four frames, each a group of one class. */
const anyExamples = fc
  .array(fc.record({ frames: fc.integer({ min: 1, max: 4 }), label: fc.constantFrom('a', 'b') }), {
    minLength: 10,
    maxLength: 40,
  })
  .map((animations) =>
    animations.flatMap(({ frames, label }, group) =>
      Array.from({ length: frames }, () => ({ group: `group ${group}`, label })),
    ),
  );

const everyFold = (examples: readonly { group: string; label: string }[], folds: number, watched: boolean) => {
  const { folds: foldOf } = crossValidationFolds(examples, folds, 7);
  return Array.from({ length: folds }, (_, fold) => foldParts(examples, fold, { foldOf, folds, watched }));
};

test.each([true, false])('no group is in two parts of a fold (something watches: %s)', (watched) => {
  fc.assert(
    fc.property(anyExamples, fc.integer({ min: 2, max: 6 }), (examples, folds) => {
      for (const { learned, validation, tested } of everyFold(examples, folds, watched)) {
        const seen = [learned, validation, tested].map((part) => new Set(part.map((index) => examples[index].group)));
        const all = seen.flatMap((groups) => [...groups]);
        expect(new Set(all).size).toBe(all.length);
      }
    }),
  );
});

test('every example is tested in exactly one fold', () => {
  fc.assert(
    fc.property(anyExamples, fc.integer({ min: 2, max: 6 }), fc.boolean(), (examples, folds, watched) => {
      const tested = everyFold(examples, folds, watched).flatMap((parts) => parts.tested);
      expect(tested.sort((a, b) => a - b)).toEqual(examples.map((_, index) => index));
    }),
  );
});

const FOUR = ['a', 'b', 'c', 'd'].map((group) => ({ group }));
const FOLD_OF = new Map(FOUR.map(({ group }, fold) => [group, fold]));

test('where something watches, the fold after the tested one decides, and no other is held back', () => {
  const plan = { foldOf: FOLD_OF, folds: 4, watched: true };
  expect(foldParts(FOUR, 1, plan)).toEqual({ learned: [0, 3], validation: [2], tested: [1] });
  expect(foldParts(FOUR, 3, plan)).toEqual({ learned: [1, 2], validation: [0], tested: [3] });
});

test('where nothing watches, every other fold is learned from', () => {
  const plan = { foldOf: FOLD_OF, folds: 4, watched: false };
  expect(foldParts(FOUR, 1, plan)).toEqual({ learned: [0, 2, 3], validation: [], tested: [1] });
});

test('a group that was dealt to no fold takes no part', () => {
  const plan = { foldOf: FOLD_OF, folds: 4, watched: false };
  expect(foldParts([...FOUR, { group: 'held out' }], 0, plan)).toEqual({
    learned: [1, 2, 3],
    validation: [],
    tested: [0],
  });
});

import fc from 'fast-check';
import { editDistance, nearest } from './suggest';

test.each([
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['epcohs', 'epochs', 1],
  ['same', 'same', 0],
])('from %j to %j it takes %i changes', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('the distance is the same in both directions, and none only between equals', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});

test('a slip of the finger is recognised, another word is not', () => {
  expect(nearest('learning_rat', ['learning_rate', 'epochs'])).toBe('learning_rate');
  expect(nearest('Crop', ['crop', 'pad'])).toBe('crop');
  expect(nearest('banana', ['crop', 'pad'])).toBeNull();
});

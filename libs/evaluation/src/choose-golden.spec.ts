import fc from 'fast-check';

import { chooseGolden } from './choose-golden';
import type { Prediction } from './prediction';

const prediction = (id: string, label: number, ...device: number[]): Prediction => ({
  ...{ id, path: `${id}.png`, label, float: device, device },
});

const PICTURES = [
  prediction('f', 1, 0.1, 0.9, 0),
  prediction('a', 0, 0.8, 0.2, 0),
  prediction('c', 2, 0, 0.1, 0.9),
  prediction('d', 0, 0.5, 0.49, 0.01),
  prediction('b', 0, 0.9, 0.1, 0),
  prediction('e', 1, 0.2, 0.7, 0.1),
];
const chosen = (count: number): string =>
  chooseGolden(PICTURES, count)
    .map(({ id }) => id)
    .join('');

test('the picture on which the chip is least sure comes first, then the classes in turn', () => {
  expect([1, 2, 3, 4, 5].map(chosen)).toEqual(['d', 'da', 'dae', 'daec', 'daecb']);
});

test('a class that has no more is passed over, and there are no more than there are', () => {
  expect(chosen(6)).toBe('daecbf');
  expect(chosen(64)).toBe('daecbf');
  expect(chosen(0)).toBe('');
  expect(chooseGolden([], 8)).toEqual([]);
});

test('of equally sure pictures the first by id is the closest', () => {
  const pictures = [prediction('z', 0, 0.6, 0.4), prediction('y', 1, 0.4, 0.6)];
  expect(chooseGolden(pictures, 1).map(({ id }) => id)).toEqual(['y']);
});

test('the choice does not depend on the order in which the pictures come', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(PICTURES, { minLength: PICTURES.length }), fc.nat(6), (pictures, count) => {
      expect(chooseGolden(pictures, count)).toEqual(chooseGolden(PICTURES, count));
    }),
  );
});

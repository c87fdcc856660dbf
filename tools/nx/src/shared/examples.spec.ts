import type { AugmentSection } from '@graft/spec';
import { trainingExamples } from './examples';
import { AUGMENT, exampleDouble } from './examples.fixture';

const examples = exampleDouble(['first', 'second'].map((id) => ({ id, label: 'a', split: 'train' })));

const made = (augment: Partial<AugmentSection> = {}) =>
  trainingExamples(examples, [0, 1], { seed: 5, classes: ['a'], augment: { ...AUGMENT, ...augment } });

/** Digests and pixels of all copies in an epoch. */
const inEpoch = (epoch: number, augment: Partial<AugmentSection> = {}) =>
  made(augment).map((example) => {
    const drawn = example.inEpoch?.(epoch) ?? example;
    return { digest: drawn.digest, pixels: Buffer.from(drawn.pixels()).toString('hex') };
  });

test('copies drawn in every epoch are others in each of them, and the same in every run', () => {
  const epochs = [1, 2, 3].map((epoch) => inEpoch(epoch));
  const all = epochs.flat();
  expect(new Set(all.map(({ pixels }) => pixels)).size).toBe(3 * 2 * 3);
  expect(new Set(all.map(({ digest }) => digest)).size).toBe(3 * 2 * 3);
  expect([1, 2, 3].map((epoch) => inEpoch(epoch))).toEqual(epochs);
});

test('the first epoch sees what all epochs see where copies are drawn once', () => {
  expect(inEpoch(1)).toEqual(inEpoch(1, { redraw: 'once' }));
  expect(inEpoch(9, { redraw: 'once' })).toEqual(inEpoch(1, { redraw: 'once' }));
});

test('only what later epochs draw is fleeting', () => {
  expect(made().map((example) => [1, 2].map((epoch) => example.inEpoch?.(epoch).fleeting))).toEqual(
    Array(6).fill([undefined, true]),
  );
});

test('more copies leave the ones there were as they are', () => {
  const digests = (repeats: number) => made({ redraw: 'once', repeats }).map(({ digest }) => digest);
  expect(digests(5)).toEqual(expect.arrayContaining(digests(2)));
});

test('without copies the pictures come as they are, in every epoch', () => {
  expect(made({ repeats: 0 }).map(({ id, inEpoch: redrawn }) => [id, redrawn])).toEqual([
    ['first', undefined],
    ['second', undefined],
  ]);
});

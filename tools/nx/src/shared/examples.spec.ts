import type { Examples } from '@graft/image';
import type { AugmentSection } from '@graft/spec';
import { trainingExamples } from './examples';

const SIDE = 8;
const PICTURES = ['first', 'second'];

const examples: Examples = {
  index: {
    version: 1,
    height: SIDE,
    width: SIDE,
    examples: PICTURES.map((id) => ({
      id,
      path: `a/${id}.png`,
      label: 'a',
      group: id,
      split: 'train',
      cutout: null,
    })),
  },
  pixels: (i) => Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => (at * 7 + i * 50) % 256),
  cutout: () => null,
  close: () => undefined,
};

const AUGMENT: AugmentSection = {
  flip: 'none',
  rotationDegrees: 15,
  zoom: 0,
  translation: 0,
  brightness: 0.3,
  contrast: 0,
  saturation: 0,
  composite: null,
  blur: null,
  erasing: null,
  camera: 'maix-bit',
  repeats: 3,
  redraw: 'every_epoch',
};

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

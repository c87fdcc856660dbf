import { Random } from '@graft/foundation';
import type { AugmentSection } from '@graft/spec';
import { type AugmentOptions, augmentExample } from './augment';
import { drawBackground } from './background';
import type { Cutout } from './raster';
import { NO_AUGMENT } from './test-pictures';

const SIDE = 32;
const PIXELS = new Uint8Array(SIDE * SIDE * 3).map((_, at) => (Math.imul(at, 2654435761) >>> 24) & 255);
/** A colour that no background holds in this purity. */
const FIGURE: Cutout = { height: 10, width: 20, rgba: new Uint8Array(800).map((_, at) => [255, 0, 255, 255][at % 4]) };

function variant(augment: Partial<AugmentSection>, options: Partial<AugmentOptions> = {}): Uint8Array {
  return augmentExample({
    pixels: PIXELS,
    cutout: null,
    height: SIDE,
    width: SIDE,
    augment: { ...NO_AUGMENT, ...augment },
    seed: 7,
    id: 'a',
    copy: 0,
    ...options,
  });
}

const EVERYTHING: Partial<AugmentSection> = {
  flip: 'both',
  rotationDegrees: 20,
  zoom: 0.2,
  translation: 0.1,
  brightness: 0.2,
  contrast: 0.2,
  saturation: 0.3,
  composite: { minScale: 0.3, maxScale: 0.9 },
  blur: { sigma: 1.5, probability: 0.5 },
  erasing: { area: 0.2, probability: 0.5 },
  camera: 'maix-bit',
};

function figureShare(pixels: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    if (pixels[at] > 200 && pixels[at + 1] < 40 && pixels[at + 2] > 200) count++;
  }
  return count / (pixels.length / 3);
}

describe('chance', () => {
  test.each([['a photograph', null] as const, ['a cut-out', FIGURE] as const])(
    '%s: equal seed, id and copy give equal bytes; any other gives others',
    (_, cutout) => {
      const base = variant(EVERYTHING, { cutout });
      expect(variant(EVERYTHING, { cutout })).toEqual(base);
      for (const other of [{ seed: 8 }, { id: 'b' }, { copy: 1 }]) {
        expect(variant(EVERYTHING, { cutout, ...other })).not.toEqual(base);
      }
    },
  );

  test('the example itself stays as it is', () => {
    const before = { pixels: PIXELS.slice(), figure: FIGURE.rgba.slice() };
    variant(EVERYTHING, { cutout: FIGURE });
    variant(EVERYTHING);
    expect(PIXELS).toEqual(before.pixels);
    expect(FIGURE.rgba).toEqual(before.figure);
  });
});

describe('photographs', () => {
  test('without any change asked for come out as they are', () => {
    expect(variant({})).toEqual(PIXELS);
  });

  test('horizontal flips mirror rows, and about half of the copies', () => {
    const mirrored = new Uint8Array(PIXELS.length);
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        const from = (row * SIDE + SIDE - 1 - column) * 3;
        mirrored.set(PIXELS.subarray(from, from + 3), (row * SIDE + column) * 3);
      }
    }
    const copies = Array.from({ length: 40 }, (_, copy) => Buffer.from(variant({ flip: 'horizontal' }, { copy })));
    const flipped = copies.filter((copy) => copy.equals(mirrored)).length;
    expect(copies.filter((copy) => copy.equals(PIXELS)).length).toBe(40 - flipped);
    expect(flipped).toBeGreaterThan(8);
    expect(flipped).toBeLessThan(32);
  });

  test('brightness stays within its range', () => {
    const pixels = new Uint8Array(SIDE * SIDE * 3).fill(100);
    const levels = Array.from({ length: 50 }, (_, copy) => variant({ brightness: 0.2 }, { pixels, copy })[0]);
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(80);
    expect(Math.max(...levels)).toBeLessThanOrEqual(120);
    expect(Math.max(...levels) - Math.min(...levels)).toBeGreaterThan(25);
  });

  test('turning, zooming and moving leave no empty border', () => {
    const pixels = new Uint8Array(SIDE * SIDE * 3).fill(90);
    const view = { rotationDegrees: 45, zoom: 0.5, translation: 0.5 };
    for (let copy = 0; copy < 10; copy++) {
      expect(variant(view, { pixels, copy }).every((value) => value === 90)).toBe(true);
    }
  });
});

describe('cut-outs', () => {
  test('without composite are treated as the preprocessed picture', () => {
    expect(variant({}, { cutout: FIGURE })).toEqual(PIXELS);
  });

  test('fill a share of the frame between the two scales', () => {
    const composite = { minScale: 0.4, maxScale: 0.8 };
    const shares = Array.from({ length: 30 }, (_, copy) =>
      figureShare(variant({ composite }, { cutout: FIGURE, copy })),
    );
    // The figure is twice as wide as high; its outline is soft, so a pixel around it may not count.
    const widths = shares.map((share) => Math.sqrt(share * 2));
    expect(Math.min(...widths)).toBeGreaterThan(0.3);
    expect(Math.max(...widths)).toBeLessThan(0.85);
    expect(Math.max(...widths) - Math.min(...widths)).toBeGreaterThan(0.2);
  });

  test('stand whole inside the frame where nothing may be moved out', () => {
    const composite = { minScale: 0.5, maxScale: 0.5 };
    for (let copy = 0; copy < 20; copy++) {
      const pixels = variant({ composite, rotationDegrees: 90 }, { cutout: FIGURE, copy });
      // 16 × 8 pixels less a soft outline of one pixel.
      expect(figureShare(pixels) * SIDE * SIDE).toBeGreaterThan(14 * 6 - 8);
    }
  });
});

describe('what spoils a copy', () => {
  const COPIES = Array.from({ length: 60 }, (_, copy) => copy);
  const changed = (augment: Partial<AugmentSection>) =>
    COPIES.filter((copy) => !Buffer.from(variant(augment, { copy })).equals(PIXELS)).length;

  test.each([
    ['blur', { blur: { sigma: 2, probability: 0.5 } }],
    ['erasing', { erasing: { area: 0.2, probability: 0.5 } }],
  ])('%s falls on its share of the copies', (_, augment) => {
    expect(changed(augment)).toBeGreaterThan(18);
    expect(changed(augment)).toBeLessThan(42);
  });

  test('the camera takes every copy', () => {
    expect(changed({ camera: 'maix-bit' })).toBe(60);
  });

  test('erasing leaves all but a rectangle of its share as it is without', () => {
    const plain: Partial<AugmentSection> = { flip: 'both', rotationDegrees: 20, brightness: 0.2 };
    for (const copy of COPIES) {
      const before = variant(plain, { copy });
      const after = variant({ ...plain, erasing: { area: 0.2, probability: 1 } }, { copy });
      const touched = after.filter((value, at) => value !== before[at]).length;
      expect(touched).toBeGreaterThan(0);
      expect(touched).toBeLessThanOrEqual(0.2 * PIXELS.length);
    }
  });

  test('a blurred copy is the same copy, blurred', () => {
    const plain: Partial<AugmentSection> = { flip: 'both', rotationDegrees: 20, brightness: 0.2 };
    const sharpness = (pixels: Uint8Array) =>
      pixels.reduce((sum, value, at) => sum + (at < 3 ? 0 : Math.abs(value - pixels[at - 3])), 0);
    for (const copy of COPIES.slice(0, 10)) {
      const before = variant(plain, { copy });
      const after = variant({ ...plain, blur: { sigma: 3, probability: 1 } }, { copy });
      expect(sharpness(after)).toBeLessThanOrEqual(sharpness(before));
    }
  });
});

describe('backgrounds', () => {
  const draw = (seed: number, side = 48) => drawBackground(side, side, Random.of(seed));

  test('the same stream draws the same bytes', () => {
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });

  test('range from dark to bright, from grey to colourful, from flat to busy', () => {
    const measures = Array.from({ length: 120 }, (_, seed) => measure(draw(seed)));
    const spread = (key: 'light' | 'colour' | 'detail') => {
      const values = measures.map((each) => each[key]).sort((a, b) => a - b);
      return { low: values[6], high: values[113] };
    };
    expect(spread('light').low).toBeLessThan(75);
    expect(spread('light').high).toBeGreaterThan(220);
    expect(spread('colour').low).toBeLessThan(8);
    expect(spread('colour').high).toBeGreaterThan(80);
    expect(spread('detail').low).toBeLessThan(4);
    expect(spread('detail').high).toBeGreaterThan(20);
  });

  test('need not be square', () => {
    expect(drawBackground(5, 91, Random.of(1))).toHaveLength(5 * 91 * 3);
    expect(drawBackground(1, 1, Random.of(1))).toHaveLength(3);
  });
});

/** Mean luma, mean distance of the channels, mean step between neighbours. */
function measure(pixels: Uint8Array): { light: number; colour: number; detail: number } {
  let [light, colour, detail] = [0, 0, 0];
  const count = pixels.length / 3;
  for (let at = 0; at < pixels.length; at += 3) {
    const [r, g, b] = pixels.subarray(at, at + 3);
    light += (r + g + b) / 3 / count;
    colour += (Math.max(r, g, b) - Math.min(r, g, b)) / count;
    if (at >= 3) detail += Math.abs(g - pixels[at - 2]) / count;
  }
  return { light, colour, detail };
}

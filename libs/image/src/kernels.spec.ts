import fc from 'fast-check';
import { changeView, type View } from './affine';
import { changeColours } from './colour';
import { fromHsv, parseColour } from './palette';
import { planarFromInterleaved } from './planar';

const STILL: View = { flipX: false, flipY: false, angle: 0, zoom: 1, shiftX: 0, shiftY: 0 };

/** One channel spread to RGB. */
function grey(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value, value, value]));
}

function reds(pixels: Uint8Array): number[] {
  return Array.from({ length: pixels.length / 3 }, (_, at) => pixels[at * 3]);
}

describe('changing the view', () => {
  const row = grey([10, 20, 30, 40]);

  test('moving by a pixel mirrors the edge', () => {
    expect(reds(changeView(row, 1, 4, { ...STILL, shiftX: 1 }))).toEqual([10, 10, 20, 30]);
    expect(reds(changeView(row, 1, 4, { ...STILL, shiftX: -2 }))).toEqual([30, 40, 40, 30]);
  });

  test('moving by half a pixel takes the mean of neighbours', () => {
    expect(reds(changeView(row, 1, 4, { ...STILL, shiftX: 0.5 }))).toEqual([10, 15, 25, 35]);
  });

  test('zooming in by two spreads the middle', () => {
    expect(reds(changeView(row, 1, 4, { ...STILL, zoom: 2 }))).toEqual([18, 23, 28, 33]);
  });

  test('a quarter turn goes clockwise', () => {
    const square = grey([1, 2, 3, 4]);
    expect(reds(changeView(square, 2, 2, { ...STILL, angle: Math.PI / 2 }))).toEqual([3, 1, 4, 2]);
  });

  test('two half turns and two flips give the picture back', () => {
    const sides = fc.record({ height: fc.integer({ min: 1, max: 6 }), width: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(sides, fc.infiniteStream(fc.nat(255)), ({ height, width }, stream) => {
        const pixels = grey([...stream.take(height * width)]);
        const turn = (each: Uint8Array) => changeView(each, height, width, { ...STILL, angle: Math.PI });
        const flip = (each: Uint8Array) => changeView(each, height, width, { ...STILL, flipX: true, flipY: true });
        expect(turn(turn(pixels))).toEqual(pixels);
        // A half turn is both flips.
        expect(flip(turn(pixels))).toEqual(pixels);
      }),
      { numRuns: 50 },
    );
  });
});

describe('changing colours', () => {
  const change = (
    values: readonly number[],
    what: Partial<Parameters<typeof changeColours>[2]>,
    channels: 3 | 4 = 3,
  ) => {
    const bytes = Uint8Array.from(values);
    changeColours(bytes, channels, { brightness: 1, contrast: 1, saturation: 1, ...what });
    return [...bytes];
  };

  test('brightness multiplies and stops at white', () => {
    expect(change([100, 200, 0], { brightness: 1.5 })).toEqual([150, 255, 0]);
  });

  test('contrast stretches around the mean luma', () => {
    expect(change([100, 100, 100, 120, 120, 120], { contrast: 2 })).toEqual([90, 90, 90, 130, 130, 130]);
  });

  test('no saturation leaves the luma of BT.601', () => {
    // 0.299 · 100 + 0.587 · 200 + 0.114 · 50 = 153
    expect(change([100, 200, 50], { saturation: 0 })).toEqual([153, 153, 153]);
  });

  test('alpha is untouched', () => {
    expect(change([100, 100, 100, 77], { brightness: 0.5 }, 4)).toEqual([50, 50, 50, 77]);
  });
});

describe('planes', () => {
  test('the first plane holds the reds, row by row', () => {
    expect([...planarFromInterleaved(Uint8Array.of(1, 2, 3, 4, 5, 6), 1, 2)]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test('every value lands on its plane', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (height, width) => {
        const pixels = Uint8Array.from({ length: height * width * 3 }, (_, at) => at);
        const planes = planarFromInterleaved(pixels, height, width);
        planes.forEach((value, at) => {
          const plane = Math.floor(at / (height * width));
          expect(value).toBe((at - plane * height * width) * 3 + plane);
        });
      }),
      { numRuns: 25 },
    );
  });

  test('a wrong size is a broken promise', () => {
    expect(() => planarFromInterleaved(new Uint8Array(5), 1, 2)).toThrow('internal');
  });
});

describe('colours', () => {
  test('are parsed from six digits', () => {
    expect(parseColour('#20FF60')).toEqual([0x20, 0xff, 0x60]);
    expect(() => parseColour('blue')).toThrow('internal');
  });

  test.each([
    [0, [255, 0, 0]],
    [1 / 3, [0, 255, 0]],
    [-1 / 3, [0, 0, 255]],
    [1.5, [0, 255, 255]],
  ])('a hue of %f turns is %p', (hue, expected) => {
    fromHsv(hue, 1, 1).forEach((value, channel) => expect(value).toBeCloseTo(expected[channel], 6));
  });
});

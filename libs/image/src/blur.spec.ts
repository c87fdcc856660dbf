import fc from 'fast-check';
import { blurPixels } from './blur';

const picture = fc
  .record({ height: fc.integer({ min: 1, max: 12 }), width: fc.integer({ min: 1, max: 12 }) })
  .chain(({ height, width }) =>
    fc.record({
      height: fc.constant(height),
      width: fc.constant(width),
      pixels: fc.uint8Array({ minLength: height * width * 3, maxLength: height * width * 3 }),
    }),
  );
const sigma = fc.double({ min: 0.1, max: 6, noNaN: true });

function means(pixels: Uint8Array): number[] {
  return [0, 1, 2].map((channel) => {
    const values = pixels.filter((_, at) => at % 3 === channel);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

test('blurring keeps the mean of each channel, to the rounding, at any size and sigma', () => {
  fc.assert(
    fc.property(picture, sigma, ({ height, width, pixels }, blur) => {
      const blurred = pixels.slice();
      blurPixels(blurred, height, width, blur);
      const before = means(pixels);
      means(blurred).forEach((mean, channel) => expect(Math.abs(mean - before[channel])).toBeLessThanOrEqual(0.5001));
    }),
  );
});

test('nothing becomes brighter than the brightest or darker than the darkest', () => {
  fc.assert(
    fc.property(picture, sigma, ({ height, width, pixels }, blur) => {
      const blurred = pixels.slice();
      blurPixels(blurred, height, width, blur);
      expect(Math.max(...blurred)).toBeLessThanOrEqual(Math.max(...pixels));
      expect(Math.min(...blurred)).toBeGreaterThanOrEqual(Math.min(...pixels));
    }),
  );
});

test('a point becomes the bell of its sigma', () => {
  const side = 31;
  const middle = (15 * side + 15) * 3;
  const pixels = new Uint8Array(side * side * 3);
  pixels[middle + 1] = 255;
  blurPixels(pixels, side, side, 1);
  // 255 / (2 π σ²), and e^−½ of it one pixel on.
  expect(pixels[middle + 1]).toBe(Math.round(255 / (2 * Math.PI)));
  expect(pixels[middle + 1 + 3]).toBe(Math.round((255 / (2 * Math.PI)) * Math.exp(-0.5)));
  expect(pixels[middle + 1 + side * 3]).toBe(pixels[middle + 1 - 3]);
  expect(pixels.filter((_, at) => at % 3 !== 1).every((value) => value === 0)).toBe(true);
});

test('no sigma changes nothing', () => {
  const pixels = Uint8Array.from({ length: 27 }, (_, at) => at * 9);
  const blurred = pixels.slice();
  blurPixels(blurred, 3, 3, 0);
  expect(blurred).toEqual(pixels);
});

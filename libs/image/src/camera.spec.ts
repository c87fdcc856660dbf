import fc from 'fast-check';
import { Random } from '@graft/foundation';
import { addNoise, imitateCamera, MAIX_BIT, roundToRgb565 } from './camera';

/** The bytes that `bits` bits become when they are spread over 0 … 255 by repeating the upper ones. */
const grid = (bits: number): Set<number> =>
  new Set(Array.from({ length: 2 ** bits }, (_, value) => (value << (8 - bits)) | (value >> (2 * bits - 8))));

const GRIDS = [grid(5), grid(6), grid(5)];

test('the grid of 5 and 6 bits goes from 0 to 255', () => {
  expect([GRIDS[0].size, GRIDS[1].size]).toEqual([32, 64]);
  for (const levels of GRIDS) expect([Math.min(...levels), Math.max(...levels)]).toEqual([0, 255]);
});

describe('RGB565', () => {
  test('gives every byte the value of its upper bits, spread as the board spreads them', () => {
    for (let value = 0; value < 256; value++) {
      const pixel = Uint8Array.of(value, value, value);
      roundToRgb565(pixel);
      const five = value >> 3;
      const six = value >> 2;
      expect([...pixel]).toEqual([(five << 3) | (five >> 2), (six << 2) | (six >> 4), (five << 3) | (five >> 2)]);
    }
  });

  test('is on its grid, at most 7 (green: 3) away, and stays there', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 3, maxLength: 3 }), (pixel) => {
        const rounded = pixel.slice();
        roundToRgb565(rounded);
        rounded.forEach((value, channel) => {
          expect(GRIDS[channel].has(value)).toBe(true);
          expect(Math.abs(value - pixel[channel])).toBeLessThanOrEqual(channel === 1 ? 3 : 7);
        });
        const twice = rounded.slice();
        roundToRgb565(twice);
        expect(twice).toEqual(rounded);
      }),
    );
  });
});

describe('sensor noise', () => {
  test.each([1, 3, 6])('of sigma %d has that standard deviation and no mean', (sigma) => {
    const pixels = new Uint8Array(60_000).fill(128);
    addNoise(pixels, sigma, Random.of(sigma));
    const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length;
    expect(mean).toBeCloseTo(128, 0);
    // Rounding to whole levels adds a twelfth to the variance.
    expect(Math.sqrt(variance - 1 / 12)).toBeGreaterThan(sigma * 0.98);
    expect(Math.sqrt(variance - 1 / 12)).toBeLessThan(sigma * 1.02);
  });

  test('without sigma changes nothing', () => {
    const pixels = Uint8Array.from({ length: 256 }, (_, at) => at);
    addNoise(pixels, 0, Random.of(1));
    expect([...pixels]).toEqual(Array.from({ length: 256 }, (_, at) => at));
  });
});

describe('the whole camera', () => {
  const take = (level: number, seed: number) => {
    const pixels = new Uint8Array(40 * 40 * 3).fill(level);
    imitateCamera(pixels, 40, 40, Random.of(seed));
    return pixels;
  };

  test('leaves values of RGB565 only, whatever it was given', () => {
    for (let seed = 0; seed < 10; seed++) {
      take(20 * seed, seed).forEach((value, at) => expect(GRIDS[at % 3].has(value)).toBe(true));
    }
  });

  test('misses the exposure by no more than its stops, to both sides', () => {
    const greens = Array.from({ length: 60 }, (_, seed) => {
      const values = take(120, seed).filter((_, at) => at % 3 === 1);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    });
    const most = 2 ** (MAIX_BIT.exposureStops / 2.2);
    // Cutting two bits off green costs 1.5 levels in the mean.
    expect(Math.max(...greens)).toBeLessThan(120 * most + 1);
    expect(Math.min(...greens)).toBeGreaterThan(120 / most - 4);
    expect(Math.max(...greens)).toBeGreaterThan(135);
    expect(Math.min(...greens)).toBeLessThan(105);
  });

  test('is decided by its stream of chance alone', () => {
    expect(take(99, 4)).toEqual(take(99, 4));
    expect(take(99, 4)).not.toEqual(take(99, 5));
  });
});

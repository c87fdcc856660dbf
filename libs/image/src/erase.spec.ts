import fc from 'fast-check';
import { Random } from '@graft/foundation';
import { drawRectangle, erase } from './erase';

const size = fc.record({ height: fc.integer({ min: 1, max: 40 }), width: fc.integer({ min: 1, max: 40 }) });
const area = fc.double({ min: 0.02, max: 0.9, noNaN: true });

test('a rectangle lies inside the picture and covers no more than its share', () => {
  fc.assert(
    fc.property(size, area, fc.nat(), ({ height, width }, share, seed) => {
      const { top, left, bottom, right } = drawRectangle(height, width, share, Random.of(seed));
      expect(top).toBeGreaterThanOrEqual(0);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(bottom).toBeLessThanOrEqual(height);
      expect(right).toBeLessThanOrEqual(width);
      expect((bottom - top) * (right - left)).toBeLessThanOrEqual(share * height * width);
    }),
  );
});

test('rectangles come in all sizes up to the largest, and anywhere', () => {
  const drawn = Array.from({ length: 200 }, (_, seed) => drawRectangle(100, 100, 0.3, Random.of(seed)));
  const areas = drawn.map(({ top, left, bottom, right }) => ((bottom - top) * (right - left)) / 10_000);
  expect(Math.min(...areas)).toBeLessThan(0.05);
  expect(Math.max(...areas)).toBeGreaterThan(0.25);
  expect(drawn.filter(({ top, bottom }) => top + bottom < 100).length).toBeGreaterThan(60);
  expect(drawn.filter(({ top, bottom }) => top + bottom > 100).length).toBeGreaterThan(60);
});

test('erasing touches its rectangle only, and there leaves noise over the whole range', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const rectangle = { top: 2, left: 3, bottom: 8, right: 9 };
      const pixels = new Uint8Array(12 * 12 * 3).fill(77);
      erase(pixels, 12, rectangle, Random.of(seed));
      const inside: number[] = [];
      pixels.forEach((value, at) => {
        const [row, column] = [Math.floor(at / 36), Math.floor((at % 36) / 3)];
        if (row >= 2 && row < 8 && column >= 3 && column < 9) inside.push(value);
        else expect(value).toBe(77);
      });
      expect(inside).toHaveLength(6 * 6 * 3);
      expect(Math.min(...inside)).toBeLessThan(64);
      expect(Math.max(...inside)).toBeGreaterThan(192);
    }),
    { numRuns: 20 },
  );
});

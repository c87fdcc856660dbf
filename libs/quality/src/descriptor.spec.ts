import fc from 'fast-check';
import { describeMiniature } from './descriptor';

const SIDE = 32;
const BYTES = SIDE * SIDE * 3;
const anyMiniature = fc.uint8Array({ minLength: BYTES, maxLength: BYTES });
type Painter = (row: number, column: number) => readonly [number, number, number];

function paint(painter: Painter): Uint8Array {
  const pixels = Array.from({ length: SIDE * SIDE }, (_, at) => painter(Math.floor(at / SIDE), at % SIDE));
  return Uint8Array.from(pixels.flat());
}

/** Where each part of the 259 numbers lies. */
const PARTS = { cells: [0, 48], colours: [48, 112], hues: [112, 130], edges: [130, 258] } as const;
const partOf = (numbers: Float64Array, [from, to]: readonly [number, number]) => [...numbers.subarray(from, to)];
const lengthOf = (numbers: readonly number[]) => Math.hypot(...numbers);

test('any miniature becomes 259 finite numbers from 0 to 1, the last of them 1', () => {
  fc.assert(
    fc.property(anyMiniature, (miniature) => {
      const numbers = describeMiniature(miniature);
      expect(numbers).toHaveLength(259);
      expect(numbers.every((value) => value >= 0 && value <= 1 + 1e-12)).toBe(true);
      expect(numbers[258]).toBe(1);
    }),
    { numRuns: 30 },
  );
});

test('histograms of colours, hues and edges have length 1, or 0 where there is nothing to count', () => {
  fc.assert(
    fc.property(anyMiniature, (miniature) => {
      const numbers = describeMiniature(miniature);
      for (const part of [PARTS.colours, PARTS.hues, PARTS.edges])
        expect(lengthOf(partOf(numbers, part))).toBeCloseTo(1, 9);
    }),
    { numRuns: 30 },
  );
  const grey = describeMiniature(paint(() => [128, 128, 128]));
  expect(lengthOf(partOf(grey, PARTS.hues))).toBe(0);
  expect(lengthOf(partOf(grey, PARTS.edges))).toBe(0);
});

test('the mean colour of each cell stands at its place', () => {
  const numbers = describeMiniature(paint((row, column) => (row < 8 && column >= 24 ? [255, 51, 0] : [0, 0, 0])));
  const cells = partOf(numbers, PARTS.cells);
  cells.slice(9, 12).forEach((value, channel) => expect(value).toBeCloseTo([1, 0.2, 0][channel], 9));
  expect(cells.filter((value) => value !== 0)).toHaveLength(2);
});

test('red and blue have different hues, light and dark of one hue the same', () => {
  const hues = (painter: Painter) => partOf(describeMiniature(paint(painter)), PARTS.hues);
  expect(hues(() => [255, 0, 0])).not.toEqual(hues(() => [0, 0, 255]));
  hues(() => [255, 0, 0]).forEach((value, at) => expect(value).toBeCloseTo(hues(() => [128, 0, 0])[at], 9));
});

test('edges are told by their direction, whichever side is brighter', () => {
  const edges = (painter: Painter) => partOf(describeMiniature(paint(painter)), PARTS.edges);
  const upright = edges((_, column) => (column < 12 ? [0, 0, 0] : [255, 255, 255]));
  const negative = edges((_, column) => (column < 12 ? [255, 255, 255] : [0, 0, 0]));
  const flat = edges((row) => (row < 12 ? [0, 0, 0] : [255, 255, 255]));
  upright.forEach((value, at) => expect(value).toBeCloseTo(negative[at], 9));
  expect(upright.reduce((sum, value, at) => sum + value * flat[at], 0)).toBeCloseTo(0, 9);
});

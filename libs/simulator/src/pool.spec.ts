import { poolPlane } from './pool';

/** 5 rows of 6: the last row falls out of every square. */
const plane = {
  height: 5,
  width: 6,
  values: Uint8Array.of(
    ...[1, 2, 3, 4, 5, 6],
    ...[10, 20, 30, 40, 50, 61],
    ...[7, 7, 7, 7, 9, 9],
    ...[0, 255, 0, 255, 0, 255],
    ...[200, 0, 0, 0, 0, 3],
  ),
};

function pooled(poolType: number, count: number, rounding: 'A' | 'B' = 'A'): number[] {
  const output = new Uint8Array(count);
  poolPlane(plane, poolType, rounding, output);
  return [...output];
}

test.each([
  ['0 keeps every pixel', 0, [...plane.values]],
  ['1 takes the largest of 2×2', 1, [20, 40, 61, 255, 255, 255]],
  // (1+2+10+20)/4 = 8.25, 19.25, 30.5; (7+7+0+255)/4 = 67.25, 67.25, 68.25
  ['2 takes the mean of 2×2 without its fraction', 2, [8, 19, 30, 67, 67, 68]],
  ['3 takes the largest of 4×4', 3, [255]],
  // (1+2+3+4 + 10+20+30+40 + 28 + 510) / 16 = 40.5
  ['4 takes the mean of 4×4 without its fraction', 4, [40]],
  ['5 takes the left-top of 2×2', 5, [1, 3, 5, 7, 7, 9]],
  ['6 takes the right-top of 2×2', 6, [2, 4, 6, 7, 7, 9]],
  ['7 takes the left-top of 4×4', 7, [1]],
])('code %s', (_, poolType, expected) => {
  expect(pooled(poolType, expected.length)).toEqual(expected);
});

test('code 9 takes the largest of 2×2 at every pixel and ignores what is outside', () => {
  const result = pooled(9, 30);
  expect(result.slice(0, 6)).toEqual([20, 30, 40, 50, 61, 61]);
  expect(result.slice(24)).toEqual([200, 0, 0, 0, 3, 3]);
});

test('code 8 takes the mean of 2×2 at every pixel; the variants differ at the edge', () => {
  const a = pooled(8, 30, 'A');
  const b = pooled(8, 30, 'B');
  expect(a[0]).toBe(8);
  // Right edge, rows 0 and 1: A (6+61)/2 = 33.5; B (6+6+61+61)/4 = 33.5.
  expect([a[5], b[5]]).toEqual([33, 33]);
  // Bottom row, first column: (200+0)/2 = 100 in both.
  expect([a[24], b[24]]).toEqual([100, 100]);
  expect([a[29], b[29]]).toEqual([3, 3]);
});

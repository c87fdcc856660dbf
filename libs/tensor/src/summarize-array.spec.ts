import { shortNumber, summarizeArray } from './summarize-array';

test('an array is told by its number, type, ends and the digest of its bits', () => {
  // printf '\x03\x00\xff' | sha256sum
  expect(summarizeArray(Uint8Array.of(3, 0, 255))).toBe('3 × uint8, 0 … 255, sha256 8ecf552136ce');
  expect(summarizeArray(new Float32Array())).toBe('0 × float32, sha256 e3b0c44298fc');
  expect(summarizeArray(Float32Array.of(0.1, -2))).toMatch(/^2 × float32, -2 … 0.1, sha256 [0-9a-f]{12}$/);
  expect(summarizeArray(Float64Array.of(0.1))).toMatch(/^1 × float64, 0.1 … 0.1, /);
});

test('the digest is that of the array alone, wherever it lies, and follows every bit', () => {
  const block = Float32Array.of(7, 1, 2, 9);
  expect(summarizeArray(block.subarray(1, 3))).toBe(summarizeArray(Float32Array.of(1, 2)));
  expect(summarizeArray(Float64Array.of(1, 2))).not.toBe(summarizeArray(Float64Array.of(1, 2 + 2 ** -51)));
});

test.each([
  [0.1 + 0.2, '0.3'],
  [1 / 127.5, '0.00784314'],
  [-34359738368, '-34359738368'],
  [1.5e-9, '1.5e-9'],
  [Number.NaN, 'NaN'],
])('%s is written %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

import { provenBounds } from './arithmetic-bounds';
import type { KpuLayer } from './kpu-program';

const layer = { name: 'conv', input: { channels: 1 } } as KpuLayer;
const prove = (positive: number, negative: number, multiplier: number, add = 0) =>
  provenBounds(layer, 0, [{ positive, negative }], [{ multiplier, shift: 0, add }]);

test('sums up to the table are accepted, the first one beyond is not', () => {
  // Highest sum: 1 · 255 + 1 of slack = 256; 2^35 − 16 is where the table ends.
  expect(() => prove(1, 0, 2 ** 27 - 1)).not.toThrow();
  expect(() => prove(1, 0, 2 ** 27)).toThrow(expect.objectContaining({ code: 'E312' }));
  expect(() => prove(1, 0, 2 ** 27 - 1, 255)).toThrow(expect.objectContaining({ code: 'E312' }));
});

test('negative sums go down to −2^35', () => {
  // Lowest sum: −255 − 1.
  expect(() => prove(0, 1, 2 ** 27)).not.toThrow();
  expect(() => prove(0, 1, 2 ** 27, -1)).toThrow(expect.objectContaining({ code: 'E312' }));
});

test('a convolution beyond 36 bits is named as such', () => {
  expect(() => prove(2 ** 28, 0, 0)).toThrow(
    expect.objectContaining({ code: 'E312', message: expect.stringContaining('convolution') }),
  );
});

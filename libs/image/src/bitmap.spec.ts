import fc from 'fast-check';

import { encodeBitmap } from './bitmap';

/** Reads a 16-bit bitmap the plain way: levels of 31, 63 and 31 to 255, rounded. */
function read(file: Uint8Array, height: number, width: number): number[] {
  const view = new DataView(file.buffer);
  const start = view.getUint32(10, true);
  const bytes: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const pixel = view.getUint16(start + y * (width + (width % 2)) * 2 + x * 2, true);
      bytes.push(...[(pixel >> 11) / 31, ((pixel >> 5) & 63) / 63, (pixel & 31) / 31].map((s) => Math.round(255 * s)));
    }
  return bytes;
}

test('a board that reads the file sees the pixels that are told, of any picture', () => {
  const picture = fc
    .record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) })
    .chain(({ height, width }) => {
      const length = height * width * 3;
      return fc.record({
        height: fc.constant(height),
        width: fc.constant(width),
        pixels: fc.uint8Array({ minLength: length, maxLength: length }),
      });
    });
  fc.assert(
    fc.property(picture, ({ height, width, pixels }) => {
      const bitmap = encodeBitmap(pixels, height, width);
      expect(Array.from(bitmap.pixels)).toEqual(read(bitmap.file, height, width));
      // Half a level of five bits is four bytes.
      bitmap.pixels.forEach((value, at) =>
        expect(Math.abs(value - pixels[at])).toBeLessThanOrEqual(at % 3 === 1 ? 2 : 4),
      );
    }),
  );
});

test('what is seen is seen again: a second file of it has the same bytes', () => {
  const pixels = Uint8Array.from({ length: 256 * 3 }, (_, at) => Math.floor(at / 3));
  const once = encodeBitmap(pixels, 16, 16);
  expect(encodeBitmap(once.pixels, 16, 16)).toEqual(once);
  expect([...once.pixels.slice(0, 3), ...once.pixels.slice(-3)]).toEqual([0, 0, 0, 255, 255, 255]);
});

test('the head is one that the firmware takes: masks, sizes that fit, rows from the top', () => {
  const { file } = encodeBitmap(new Uint8Array(5 * 3 * 3), 5, 3);
  const view = new DataView(file.buffer);
  expect(String.fromCharCode(file[0], file[1])).toBe('BM');
  // Rows fill whole words of four bytes: three pixels take eight.
  expect(file.length).toBe(66 + 5 * 8);
  expect([2, 10, 18, 22, 30, 34].map((at) => view.getInt32(at, true))).toEqual([file.length, 66, 3, -5, 3, 40]);
  expect([view.getUint16(26, true), view.getUint16(28, true)]).toEqual([1, 16]);
  expect([54, 58, 62].map((at) => view.getUint32(at, true))).toEqual([0xf800, 0x07e0, 0x001f]);
});

test('a wrong number of bytes is a mistake of ours', () => {
  expect(() => encodeBitmap(new Uint8Array(10), 2, 2)).toThrow('internal: 10 bytes are not 2 × 2 RGB pixels');
});

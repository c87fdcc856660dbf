import fc from 'fast-check';
import { decodeEntry, encodeEntry, entryKey } from './entry';
import type { PreparedPicture } from './prepare';
import { SECTION } from './test-pictures';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const cutouts = fc
  .record({ height: fc.integer({ min: 1, max: 4 }), width: fc.integer({ min: 1, max: 4 }) })
  .chain(({ height, width }) => bytes(height * width * 4).map((rgba) => ({ height, width, rgba })));

const pictures: fc.Arbitrary<PreparedPicture> = fc.record({
  pages: fc.integer({ min: 1, max: 9 }),
  blankFrames: fc.array(fc.nat(50), { maxLength: 3 }),
  examples: fc.array(fc.record({ frame: fc.option(fc.nat(99)), pixels: bytes(12), cutout: fc.option(cutouts) }), {
    maxLength: 3,
  }),
});

test('what was written reads back equal', () => {
  fc.assert(fc.property(pictures, (picture) => expect(decodeEntry(encodeEntry(picture))).toEqual(picture)));
});

test('any changed byte and any cut is noticed', () => {
  fc.assert(
    fc.property(pictures, fc.nat(), fc.integer({ min: 1, max: 255 }), (picture, place, change) => {
      const entry = encodeEntry(picture);
      const at = place % entry.length;
      expect(decodeEntry(entry.subarray(0, at))).toBeNull();
      entry[at] ^= change;
      expect(decodeEntry(entry)).toBeNull();
    }),
  );
});

test('the key follows the picture and what is done to its pixels, not how they are scaled for the network', () => {
  const key = entryKey('a', SECTION);
  const normalized = { ...SECTION, normalize: { scale: 1, offset: 0 } };
  expect(entryKey('a', normalized)).toBe(key);
  const others = [
    entryKey('b', SECTION),
    entryKey('a', { ...SECTION, imageSize: { height: 8, width: 9 } }),
    entryKey('a', { ...SECTION, resize: 'pad' }),
    entryKey('a', { ...SECTION, interpolation: 'nearest' }),
    entryKey('a', { ...SECTION, background: 'varied' }),
    entryKey('a', { ...SECTION, maxFrames: 3 }),
  ];
  expect(new Set([key, ...others]).size).toBe(7);
});

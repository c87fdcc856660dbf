import { createHash } from 'node:crypto';
import fc from 'fast-check';

import { buildBootImage, parseBootImage } from './boot-image';

test('a boot image worked out by hand', () => {
  const image = buildBootImage(Uint8Array.of(0xaa, 0xbb, 0xcc), 'dio');
  const head = Buffer.from('0203000000aabbcc', 'hex');
  expect(Buffer.from(image)).toEqual(Buffer.concat([head, createHash('sha256').update(head).digest()]));
});

test('what was built is taken apart again', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('dio' as const, 'qio' as const),
      (payload, ioMode) => {
        expect(parseBootImage(buildBootImage(payload, ioMode))).toEqual({ payload: Uint8Array.from(payload), ioMode });
      },
    ),
  );
});

test('an image with any one byte changed, cut or added is none', () => {
  const image = buildBootImage(Uint8Array.of(1, 2, 3, 4), 'qio');
  for (let at = 0; at < image.length; at++) {
    const damaged = Uint8Array.from(image);
    damaged[at] ^= 0x10;
    expect(parseBootImage(damaged)).toBeNull();
    expect(parseBootImage(image.subarray(0, at))).toBeNull();
  }
  expect(parseBootImage(Uint8Array.of(...image, 0))).toBeNull();
});

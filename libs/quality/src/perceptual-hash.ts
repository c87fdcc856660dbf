import type { PictureTraits } from '@graft/image';
import { hashOf, lumaOf, ones, viewOf } from './look-alike-views';

/** 16 hexadecimal digits of a picture as a whole; the fewer of the 63 bits differ, the more two pictures look alike. */
export function perceptualHash({ miniature }: Pick<PictureTraits, 'miniature'>): string {
  const words = hashOf(viewOf(lumaOf(miniature), { left: 0, right: 0, top: 0, bottom: 0 }));
  return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Of 63 bits. Scaled, recompressed and slightly brighter copies differ in fewer; other pictures in about half. */
const MOST_BITS_OF_A_COPY = 6;

/** Whether two hashes are those of pictures that show the same; cut or mirrored ones are not recognized by it. */
export function hashesAlike(one: string, other: string): boolean {
  const words = (hash: string) => [0, 8].map((at) => parseInt(hash.slice(at, at + 8), 16));
  const [a, b] = [words(one), words(other)];
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]) <= MOST_BITS_OF_A_COPY;
}

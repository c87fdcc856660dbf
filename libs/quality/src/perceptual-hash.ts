import type { PictureTraits } from '@graft/image';
import { hashOf, lumaOf, viewOf } from './look-alike-views';

/** 16 hexadecimal digits of a picture as a whole; the fewer of the 63 bits differ, the more two pictures look alike. */
export function perceptualHash({ miniature }: Pick<PictureTraits, 'miniature'>): string {
  const words = hashOf(viewOf(lumaOf(miniature), { left: 0, right: 0, top: 0, bottom: 0 }));
  return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

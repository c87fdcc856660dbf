import { sha256 } from '@graft/foundation';

import type { ArchiveArray } from './archive';

const DIGEST_DIGITS = 12;

/** `216 × float32, -0.51 … 0.7, sha256 0123456789ab`: equal for equal bits, so that a change shows. */
export function summarizeArray(array: ArchiveArray): string {
  const type = array.constructor.name.replace('Array', '').toLowerCase();
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let [least, most] = [Infinity, -Infinity];
  for (const value of array) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const range = array.length === 0 ? '' : `, ${shortNumber(least)} … ${shortNumber(most)}`;
  return `${array.length} × ${type}${range}, sha256 ${sha256(bytes).slice(0, DIGEST_DIGITS)}`;
}

/** Up to six digits; whole numbers with all of theirs. */
export function shortNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

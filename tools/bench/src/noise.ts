import { Random } from '@graft/foundation';

/** Bytes without a pattern, the same in every run. */
export function noise(length: number): Uint8Array {
  const random = Random.of(1, 'bench', length);
  return Uint8Array.from({ length }, () => random.integer(256));
}

import { HASH_BITS, ones } from './look-alike-views';
import type { Hash } from './look-alike-views';

/** The bits of a hash in five bands, taken in turns so that low frequencies are in each: 13, 13, 13, 12 and 12 bits. */
const BANDS = 5;

/**
 * Finds hashes that differ in few bits without looking at all of them (multi-index hashing). Where two hashes differ in at
 * most r bits, at least one of their bands differs in at most tᵢ, if the tᵢ add up to r + 1 − 5: else they would differ in
 * Σ(tᵢ + 1) = r + 1 bits. So each band keeps a table of hashes by its bits, which is asked for everything near.
 */
export class HashIndex {
  private readonly bands: readonly Band[];

  constructor(
    hashes: readonly Hash[],
    private readonly mostBits: number,
  ) {
    const spare = Math.max(0, mostBits + 1 - BANDS);
    this.bands = Array.from({ length: BANDS }, (_, band) => {
      const bits = bitsOf(band);
      return tableOf(hashes, bits, Math.floor(spare / BANDS) + (band < spare % BANDS ? 1 : 0));
    });
  }

  /** Calls `found` with the place of every hash that differs from `query` in at most so many bits, at least once each. */
  near(query: Hash, found: (place: number) => void): void {
    const [low, high] = query;
    const { mostBits } = this;
    for (const { bits, changes, starts, lows, highs, places } of this.bands) {
      const own = keyOf(query, bits);
      for (const change of changes) {
        const end = starts[(own ^ change) + 1];
        for (let at = starts[own ^ change]; at < end; at++) {
          if (ones(low ^ lows[at]) + ones(high ^ highs[at]) <= mostBits) found(places[at]);
        }
      }
    }
  }
}

/** Hashes in the order of their buckets, that is of the band's bits as a number. */
interface Band {
  readonly bits: readonly number[];
  /** What may be different: every mask of at most tᵢ bits. */
  readonly changes: Uint32Array;
  /** Where each bucket begins; one more than there are buckets. */
  readonly starts: Uint32Array;
  /** Both words of each hash, side by side in memory since there are many comparisons, and its place. */
  readonly lows: Int32Array;
  readonly highs: Int32Array;
  readonly places: Uint32Array;
}

/** Bit 0 is the mean, which no hash has. */
function bitsOf(band: number): number[] {
  return Array.from({ length: HASH_BITS }, (_, bit) => bit).filter((bit) => bit > 0 && (bit - 1) % BANDS === band);
}

function tableOf(hashes: readonly Hash[], bits: readonly number[], mostBits: number): Band {
  const keys = hashes.map((hash) => keyOf(hash, bits));
  const starts = new Uint32Array(2 ** bits.length + 1);
  for (const key of keys) starts[key + 1]++;
  for (let key = 1; key < starts.length; key++) starts[key] += starts[key - 1];
  const places = Uint32Array.from(keys.keys()).sort((a, b) => keys[a] - keys[b]);
  const lows = Int32Array.from(places, (place) => hashes[place][0]);
  const highs = Int32Array.from(places, (place) => hashes[place][1]);
  return { bits, changes: Uint32Array.from(masksOf(bits.length, mostBits)), starts, lows, highs, places };
}

function keyOf(hash: Hash, bits: readonly number[]): number {
  let key = 0;
  for (const bit of bits) key = (key << 1) | ((hash[bit >> 5] >>> (bit & 31)) & 1);
  return key;
}

/** Every number of `width` bits of which at most `ones` are set. */
function masksOf(width: number, ones: number): number[] {
  if (width === 0) return [0];
  const shorter = masksOf(width - 1, ones);
  const set = ones === 0 ? [] : masksOf(width - 1, ones - 1).map((mask) => mask | (1 << (width - 1)));
  return [...shorter, ...set];
}

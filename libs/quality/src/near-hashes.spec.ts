import * as fc from 'fast-check';
import { distance } from './look-alike-views';
import type { Hash } from './look-alike-views';
import { HashIndex } from './near-hashes';

/** Of 63 bits; the lowest is never set. */
const anyHash = fc.tuple(fc.integer(), fc.integer()).map(([low, high]): Hash => [low & ~1, high]);

/** A hash and others that differ from it in any number of bits, few of them far. */
const cluster = fc
  .tuple(anyHash, fc.array(fc.array(fc.integer({ min: 1, max: 63 }), { maxLength: 20 }), { maxLength: 30 }))
  .map(([centre, changes]) => [centre, ...changes.map((bits) => bits.reduce(flipped, centre))]);

function flipped([low, high]: Hash, bit: number): Hash {
  return bit < 32 ? [low ^ (1 << bit), high] : [low, high ^ (1 << (bit - 32))];
}

test('what is found is what a look at every hash finds, for any number of bits', () => {
  fc.assert(
    fc.property(
      fc.array(cluster, { maxLength: 4 }),
      anyHash,
      fc.integer({ min: 0, max: 20 }),
      (clusters, other, most) => {
        const hashes = clusters.flat();
        const index = new HashIndex(hashes, most);
        for (const query of [...hashes, other]) {
          const found = new Set<number>();
          index.near(query, (place) => found.add(place));
          const expected = hashes.flatMap((hash, place) => (distance(query, hash) <= most ? [place] : []));
          expect([...found].sort((a, b) => a - b)).toEqual(expected);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test.each([0, 12])('hashes that differ in exactly %d bits are found wherever these bits are', (most) => {
  const zero: Hash = [0, 0];
  const index = new HashIndex([zero], most);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        Array.from({ length: 63 }, (_, at) => at + 1),
        { minLength: 13 },
      ),
      (bits) => {
        const near = bits.slice(0, most).reduce(flipped, zero);
        const far = bits.slice(0, most + 1).reduce(flipped, zero);
        const count = (query: Hash): number => {
          let found = 0;
          index.near(query, () => found++);
          return found;
        };
        expect(count(near)).toBeGreaterThan(0);
        expect(count(far)).toBe(0);
      },
    ),
  );
});

import type { ActivationSegment, BatchNormEntry } from '@graft/kmodel';
import fc from 'fast-check';

import { finishExactly } from './activation';
import { createFinisher } from './finish';

const signed = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const sums = fc
  .tuple(signed(21), fc.nat({ max: 2 ** 21 - 1 }), fc.nat({ max: 30 }))
  .map(([high, low, shift]) => Math.floor((high * 2 ** 21 + low) / 2 ** shift));
const norms: fc.Arbitrary<BatchNormEntry> = fc.record({
  multiplier: signed(24),
  add: signed(32),
  shift: fc.nat({ max: 15 }),
});

const slopes = fc.record({ multiplier: fc.constantFrom(0, 1, 1023), shift: fc.constantFrom(0, 0, 20, 38, 45) });
type Slope = Pick<ActivationSegment, 'multiplier' | 'shift'>;

/** A table whose second segment begins just below what the batch norm gives, so that its low bits come out. */
function tableAround(normed: bigint, below: number, first: Slope, last: Slope): readonly ActivationSegment[] {
  const start = Number(BigInt.asIntN(36, normed)) - below;
  return Array.from({ length: 16 }, (_, index) => ({
    start: index === 0 ? -(2 ** 35) : Math.max(start, -(2 ** 35)),
    bias: index === 0 ? 3 : 0,
    ...(index === 0 ? first : last),
  }));
}

describe.each(['A', 'B'] as const)('rounding %s', (rounding) => {
  test('a sum of any size comes out to the last bit, also where its product has more than 53 bits', () => {
    let long = 0;
    fc.assert(
      fc.property(sums, norms, fc.nat({ max: 255 }), slopes, slopes, (sum, norm, below, first, last) => {
        const normed = ((BigInt(sum) * BigInt(norm.multiplier)) >> BigInt(norm.shift)) + BigInt(norm.add);
        const table = tableAround(normed, below, first, last);
        const output = new Uint8Array(1);
        const row = { channel: 0, sums: Float64Array.of(sum), sumsAt: 0, count: 1, constant: 0, output, outputAt: 0 };
        createFinisher([norm], table, rounding).finish(row);
        expect(output[0]).toBe(finishExactly(BigInt(sum), norm, table, rounding));
        if (Math.abs(sum * norm.multiplier) > 2 ** 53) long++;
      }),
      { numRuns: 4000 },
    );
    expect(long).toBeGreaterThan(200);
  });
});

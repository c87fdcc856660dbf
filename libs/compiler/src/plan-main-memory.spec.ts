import fc from 'fast-check';

import type { MainBuffer } from './memory-plan';
import type { MainValue } from './plan-main-memory';
import { endOf, mostAtOnce, planMainMemory } from './plan-main-memory';

const lifetimes = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 300 }), first: fc.nat(9), life: fc.nat(4) }), {
  minLength: 1,
  maxLength: 12,
});

const valuesOf = (drawn: readonly { bytes: number; first: number; life: number }[]): MainValue[] =>
  drawn.map(({ bytes, first, life }, index) => ({
    name: String(index),
    bytes,
    firstStep: first,
    lastStep: life === 4 ? Number.POSITIVE_INFINITY : first + life,
  }));

/** Whether two values stand in the same unit of 8 bytes at the same step. */
function collide(a: MainBuffer, b: MainBuffer): boolean {
  const units = ({ address, bytes }: MainBuffer) =>
    Array.from({ length: Math.ceil(bytes / 8) }, (_, unit) => address / 8 + unit);
  const steps = ({ firstStep, lastStep }: MainBuffer) =>
    Array.from({ length: Math.min(lastStep, 20) - firstStep + 1 }, (_, step) => firstStep + step);
  const common = <T>(some: readonly T[], others: readonly T[]) => some.some((one) => others.includes(one));
  return common(steps(a), steps(b)) && common(units(a), units(b));
}

test('values that live at the same time never share a unit of 8 bytes, and keep their order in the plan', () => {
  fc.assert(
    fc.property(lifetimes, (drawn) => {
      const values = valuesOf(drawn);
      const buffers = planMainMemory(values);
      expect(buffers.map(({ address: _, ...value }) => value)).toEqual(values);
      buffers.forEach((buffer, index) => {
        expect(buffer.address % 8).toBe(0);
        for (const other of buffers.slice(index + 1)) expect(collide(buffer, other)).toBe(false);
      });
    }),
    { numRuns: 500 },
  );
});

test('a plan is never below what is needed at once, and rarely and little above', () => {
  let [plans, tight] = [0, 0];
  fc.assert(
    fc.property(lifetimes, (drawn) => {
      const values = valuesOf(drawn);
      const [end, least] = [endOf(planMainMemory(values)), mostAtOnce(values)];
      expect(end).toBeGreaterThanOrEqual(least);
      expect(end).toBeLessThan(2 * least);
      plans++;
      if (end === least) tight++;
    }),
    { numRuns: 1000, seed: 1 },
  );
  expect(tight / plans).toBeGreaterThan(0.9);
});

test('the least memory is counted step by step', () => {
  const values = [
    { name: 'a', bytes: 9, firstStep: 0, lastStep: 2 },
    { name: 'b', bytes: 8, firstStep: 1, lastStep: 1 },
    { name: 'c', bytes: 20, firstStep: 3, lastStep: Number.POSITIVE_INFINITY },
  ];
  // 16 + 8 at step 1, 24 from step 3 on.
  expect(mostAtOnce(values)).toBe(24);
  expect(endOf(planMainMemory(values))).toBe(24);
});

test('a chain takes no more than its largest pair of neighbours', () => {
  const chain = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(chain, (sizes) => {
      const values = sizes.map((bytes, step) => ({
        name: String(step),
        bytes,
        firstStep: step,
        lastStep: step === sizes.length - 1 ? Number.POSITIVE_INFINITY : step + 1,
      }));
      const units = sizes.map((bytes) => 8 * Math.ceil(bytes / 8));
      const pairs = units.slice(1).map((bytes, index) => bytes + units[index]);
      expect(endOf(planMainMemory(values))).toBe(Math.max(...pairs));
    }),
    { numRuns: 500 },
  );
});

test('first fit takes a gap that is large enough and passes one that is not', () => {
  const live = { firstStep: 0, lastStep: 9 };
  const buffers = planMainMemory([
    { name: 'early', bytes: 16, firstStep: 0, lastStep: 1 },
    { name: 'long', bytes: 8, ...live },
    { name: 'too large', bytes: 24, firstStep: 2, lastStep: 3 },
    { name: 'fits', bytes: 9, firstStep: 2, lastStep: 3 },
  ]);
  expect(buffers.map(({ address }) => address)).toEqual([0, 16, 24, 0]);
});

test('with the largest value first where that ends earlier', () => {
  const buffers = planMainMemory([
    { name: 'small', bytes: 8, firstStep: 0, lastStep: 1 },
    { name: 'medium', bytes: 16, firstStep: 1, lastStep: 3 },
    { name: 'large', bytes: 24, firstStep: 2, lastStep: 4 },
  ]);
  // In order, "large" would follow at 24.
  expect(buffers.map(({ address }) => address)).toEqual([0, 24, 0]);
  expect(endOf(buffers)).toBe(40);
});

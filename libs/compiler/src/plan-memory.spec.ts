import { KPU } from '@graft/k210';
import fc from 'fast-check';

import type { MainBuffer } from './memory-plan';
import { planMainMemory, planMemory } from './plan-memory';
import { printMemoryPlan } from './print-memory-plan';

const map = (name: string, channels: number, size: number) => ({ name, channels, height: size, width: size });

test('maps take turns at both ends of KPU RAM', () => {
  const { kpuMaps, kpuPeakLines } = planMemory([map('picture', 3, 32), map('a', 8, 16), map('b', 8, 64)], []);
  // 32 wide: two channels a line, 2 · 32 lines; 16 wide: four, 2 · 16; 64 wide: one, 8 · 64.
  expect(kpuMaps).toEqual([
    { name: 'picture', line: 0, lines: 64 },
    { name: 'a', line: KPU.lines - 32, lines: 32 },
    { name: 'b', line: 0, lines: 512 },
  ]);
  expect(kpuPeakLines).toBe(544);
});

test('the tail of a classifier lies where it was worked out by hand', () => {
  const tail = [
    { name: 'pool', values: 3 },
    { name: 'hidden', values: 5 },
    { name: 'scores', values: 2 },
    { name: 'softmax', values: 2 },
  ];
  const { mainBuffers, mainBytes } = planMemory([map('picture', 3, 4), map('last', 3, 5)], tail);
  expect(mainBuffers.map(({ name, address, bytes }) => [name, address, bytes])).toEqual([
    // 75 bytes, sent in units of 8.
    ['last', 0, 80],
    ['last (real values)', 80, 300],
    // Over the bytes, which have been read.
    ['pool', 0, 12],
    ['hidden', 16, 20],
    ['scores', 0, 8],
    ['softmax', 8, 8],
  ]);
  expect(mainBytes).toBe(384);
});

test('a network without a tail answers with the real values of its last map', () => {
  const { mainBuffers } = planMemory([map('picture', 3, 4), map('last', 2, 4)], []);
  expect(mainBuffers.at(-1)).toMatchObject({
    name: 'last (real values)',
    bytes: 128,
    lastStep: Number.POSITIVE_INFINITY,
  });
});

test('values that live at the same time never overlap, and all are multiples of 8', () => {
  const values = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 300 }), first: fc.nat(9), life: fc.nat(4) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(values, (drawn) => {
      const buffers = planMainMemory(
        drawn.map(({ bytes, first, life }, index) => ({
          name: String(index),
          bytes,
          firstStep: first,
          lastStep: life === 4 ? Number.POSITIVE_INFINITY : first + life,
        })),
      );
      buffers.forEach((buffer, index) => {
        expect(buffer.address % 8).toBe(0);
        for (const other of buffers.slice(index + 1)) expect(collide(buffer, other)).toBe(false);
      });
    }),
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

test('the plan prints with every map and buffer', () => {
  const text = printMemoryPlan(planMemory([map('picture', 3, 32), map('a', 8, 16)], [{ name: 'pool', values: 8 }]));
  expect(text).toMatch(/^picture +0 … 63 +64$/m);
  expect(text).toMatch(/^pool +0 +32 +2 … end$/m);
  expect(text).toContain('allocated: 10240 bytes');
});

function collide(a: MainBuffer, b: MainBuffer): boolean {
  const together = a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
  return together && a.address < b.address + b.bytes && b.address < a.address + a.bytes;
}

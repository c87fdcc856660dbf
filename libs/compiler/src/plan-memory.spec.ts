import { KPU } from '@graft/k210';

import { averageMaxSteps } from './lower-pool';
import { planMemory } from './plan-memory';
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
    { name: 'pool', bytes: 12 },
    { name: 'hidden', bytes: 20 },
    { name: 'scores', bytes: 8 },
    { name: 'softmax', bytes: 8 },
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

test('means and maxima of one map lie where they were worked out by hand', () => {
  const tail = [...averageMaxSteps('pool', 3), { name: 'scores', bytes: 8 }];
  const { mainBuffers, mainBytes } = planMemory([map('picture', 3, 4), map('last', 3, 5)], tail);
  expect(mainBuffers.map(({ name, address, bytes, lastStep }) => [name, address, bytes, lastStep])).toEqual([
    // Read by the maximum, two steps behind it; its real values by the means.
    ['last', 0, 80, 2],
    ['last (real values)', 80, 300, 4],
    ['pool_max', 384, 3, 3],
    ['pool_max_dequantize', 0, 12, 5],
    ['pool_mean', 16, 12, 5],
    ['pool', 32, 24, 6],
    ['scores', 0, 8, Number.POSITIVE_INFINITY],
  ]);
  // Three bytes more than a network with means alone.
  expect(mainBytes).toBe(392);
});

test('a network without a tail answers with the real values of its last map', () => {
  const { mainBuffers } = planMemory([map('picture', 3, 4), map('last', 2, 4)], []);
  expect(mainBuffers.at(-1)).toMatchObject({
    name: 'last (real values)',
    bytes: 128,
    lastStep: Number.POSITIVE_INFINITY,
  });
});

test('the plan prints with every map and buffer', () => {
  const text = printMemoryPlan(planMemory([map('picture', 3, 32), map('a', 8, 16)], [{ name: 'pool', bytes: 32 }]));
  expect(text).toMatch(/^picture +0 … 63 +64$/m);
  expect(text).toMatch(/^pool +0 +32 +2 … end$/m);
  expect(text).toContain('allocated: 10240 bytes');
});

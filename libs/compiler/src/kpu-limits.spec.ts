import { KPU } from '@graft/k210';

import { limitViolations, streamViolations, weightLoading } from './kpu-limits';
import type { KpuGeometry } from './kpu-program';

function layer(changes: Partial<KpuGeometry> = {}): KpuGeometry {
  const map = { channels: 8, height: 16, width: 16 };
  return { name: 'conv', kind: 'convolution', kernel: 3, input: map, output: map, subsample: false, ...changes };
}

function square(channels: number, size: number) {
  return { channels, height: size, width: size };
}

const codesOf = (geometry: KpuGeometry) => limitViolations(geometry).map(({ code }) => code);

test('an ordinary layer violates nothing', () => {
  expect(codesOf(layer())).toEqual([]);
  expect(codesOf(layer({ subsample: true, output: square(8, 8) }))).toEqual([]);
});

test.each([
  ['E302', 'too many input channels', layer({ input: square(1025, 4), output: square(8, 4) })],
  ['E302', 'too many output channels', layer({ output: square(1025, 16) })],
  ['E302', 'no channel', layer({ output: square(0, 16) })],
  ['E304', 'too small a map', layer({ input: square(8, 2), output: square(8, 2) })],
  ['E304', 'an output below 4×4', layer({ subsample: true, input: square(8, 6), output: square(8, 3) })],
  [
    'E304',
    'too high a map',
    layer({ input: { channels: 1, height: 257, width: 4 }, output: { channels: 1, height: 257, width: 4 } }),
  ],
  [
    'E304',
    'too wide a map',
    layer({ input: { channels: 1, height: 4, width: 513 }, output: { channels: 1, height: 4, width: 513 } }),
  ],
  ['E305', 'an odd size halved', layer({ subsample: true, input: square(8, 15), output: square(8, 8) })],
  ['E306', 'maps larger than KPU RAM', layer({ kernel: 1, input: square(64, 224), output: square(64, 224) })],
])('%s: %s', (code, _, geometry) => {
  const [violation] = limitViolations(geometry);
  expect(violation.code).toBe(code);
  expect(violation.message).toContain('"conv"');
  expect(violation.hint).not.toBe('');
});

test('a 3×3 convolution from 512 to 512 channels needs 86 loads', () => {
  // 4608 bytes an output, 6 outputs in 30 KiB, 512 / 6 rounded up.
  const geometry = layer({ input: square(512, 8), output: square(512, 8) });
  expect(weightLoading(geometry)).toEqual({ loads: 86, mostOutputs: 384 });
});

test('depthwise weights are loaded at once', () => {
  expect(weightLoading(layer({ kind: 'depthwise', input: square(1024, 4), output: square(1024, 4) })).loads).toBe(1);
});

test('KPU RAM is counted in lines and may be filled to the last one', () => {
  // 512 wide: 8 lines a row; 128 rows of 16 channels are 16384 lines, half of all.
  const half = { channels: 16, height: 128, width: 512 };
  expect(codesOf(layer({ input: half, output: half }))).toEqual([]);
  expect(codesOf(layer({ input: half, output: { ...half, channels: 17 } }))).toEqual(['E306']);
  expect(KPU.lines).toBe(32768);
});

test('E308: the last map must fit the counter of the transfer', () => {
  const last = (height: number) => layer({ output: { channels: 1, height, width: 512 } });
  expect(streamViolations([last(128)])).toEqual([]);
  expect(streamViolations([last(129)]).map(({ code }) => code)).toEqual(['E308']);
});

import { KPU, rowLayout } from '@graft/k210';
import fc from 'fast-check';

import { limitViolations, linesOf, weightLoading } from './kpu-limits';
import type { KpuGeometry } from './kpu-program';
import { partsAreExact, runsOf, splitWideLayers } from './split-channels';

const square = (channels: number, size: number) => ({ channels, height: size, width: size });

function layer(inputs: number, outputs: number, changes: Partial<KpuGeometry> = {}): KpuGeometry {
  const [input, output] = [square(inputs, 8), square(outputs, 8)];
  return { name: 'conv', kind: 'convolution', kernel: 3, input, output, subsample: false, ...changes };
}

const split = (geometry: KpuGeometry): KpuGeometry => splitWideLayers([geometry])[0];

test('a 3×3 convolution from 512 to 512 channels, which needs 86 loads, becomes runs of 64 and 22 loads', () => {
  const wide = split(layer(512, 512));
  // 4608 bytes an output, 6 outputs in 30 KiB, 64 loads: 384.
  expect(wide.parts).toEqual([
    { first: 0, count: 384 },
    { first: 384, count: 128 },
  ]);
  const runs = runsOf(wide);
  expect(runs.map((run) => weightLoading(run).loads)).toEqual([64, 22]);
  expect(runs.map(({ name }) => name)).toEqual(['conv (part 1 of 2)', 'conv (part 2 of 2)']);
  // 8 wide: four channels share 8 lines, so 384 channels take 768 lines and 384 · 64 bytes.
  expect(runs.map(({ lineOffset, byteOffset }) => [lineOffset, byteOffset])).toEqual([
    [0, 0],
    [768, 384 * 64],
  ]);
});

test('more than 1024 outputs become runs of at most 1024, whatever their weights', () => {
  expect(split(layer(8, 2500, { kernel: 1 })).parts?.map(({ count }) => count)).toEqual([1024, 1024, 452]);
});

test('what one run can make stays one run', () => {
  expect(split(layer(512, 384))).toEqual(layer(512, 384));
  expect(runsOf(layer(512, 384))).toMatchObject([{ name: 'conv', lineOffset: 0, byteOffset: 0 }]);
});

test('a depthwise layer takes all its weights at once: 9 KiB for 1024 channels', () => {
  const depthwise = layer(1024, 1024, { kind: 'depthwise' });
  expect(split(depthwise)).toEqual(depthwise);
  expect(1024 * 9).toBeLessThan(KPU.loadBytes8);
});

test('what no split can help is left to the limits: too many inputs, and a depthwise layer of too many channels', () => {
  for (const geometry of [layer(1025, 2000), layer(4000, 8), layer(2000, 2000, { kind: 'depthwise' })]) {
    const [{ code, message, hint }] = limitViolations(split(geometry));
    expect(code).toBe('E302');
    expect(message).toMatch(/"conv" takes \d+ channels; one run of the KPU takes 1 to 1024/);
    expect(hint).toContain('model.alpha');
  }
});

const geometries = fc
  .record({
    inputs: fc.integer({ min: 1, max: KPU.maxChannels }),
    outputs: fc.integer({ min: 1, max: 3000 }),
    kernel: fc.constantFrom(1 as const, 3 as const),
    height: fc.integer({ min: 2, max: 128 }),
    width: fc.integer({ min: 2, max: 256 }),
    subsample: fc.boolean(),
  })
  .map(({ inputs, outputs, kernel, height, width, subsample }): KpuGeometry => {
    const output = { channels: outputs, height: 2 * height, width: 2 * width };
    const factor = subsample ? 2 : 1;
    const input = { channels: inputs, height: output.height * factor, width: output.width * factor };
    return { name: 'conv', kind: 'convolution', kernel, input, output, subsample };
  });

test('runs make every channel once, within the limits, at whole lines and units of 8 bytes, with no load more', () => {
  fc.assert(
    fc.property(geometries, (geometry) => {
      const whole = split(geometry);
      expect(partsAreExact(whole)).toBe(true);
      let [channel, line, byte, loads] = [0, 0, 0, 0];
      for (const run of runsOf(whole)) {
        expect(run.channels).toEqual({ first: channel, count: run.output.channels });
        expect([run.lineOffset, run.byteOffset]).toEqual([line, byte]);
        expect(run.byteOffset % 8).toBe(0);
        expect(channel % rowLayout(run.output.width).groups).toBe(0);
        expect(run.output.channels).toBeLessThanOrEqual(KPU.maxChannels);
        expect(weightLoading(run).loads).toBeLessThanOrEqual(KPU.maxLoads);
        channel += run.output.channels;
        line += linesOf(run.output);
        byte += run.output.channels * run.output.height * run.output.width;
        loads += weightLoading(run).loads;
      }
      expect(channel).toBe(geometry.output.channels);
      expect(line).toBe(linesOf(geometry.output));
      // 64 loads make a multiple of a load's outputs, so only the limit of 1024 channels can cost one more.
      const fewest = weightLoading(geometry).loads;
      expect(loads).toBeLessThanOrEqual(fewest + Math.floor(geometry.output.channels / (KPU.maxChannels + 1)));
    }),
    { numRuns: 500 },
  );
});

test.each([
  [
    'leave a gap',
    [
      { first: 0, count: 4 },
      { first: 8, count: 8 },
    ],
  ],
  [
    'overlap',
    [
      { first: 0, count: 12 },
      { first: 8, count: 8 },
    ],
  ],
  ['end early', [{ first: 0, count: 8 }]],
  [
    'share a line',
    [
      { first: 0, count: 2 },
      { first: 2, count: 14 },
    ],
  ],
  [
    'are empty',
    [
      { first: 0, count: 0 },
      { first: 0, count: 16 },
    ],
  ],
])('parts that %s are no split', (_, parts) => {
  expect(partsAreExact(layer(8, 16, { parts }))).toBe(false);
});

test('parts that share a unit of 8 bytes are no split', () => {
  const parts = [
    { first: 0, count: 4 },
    { first: 4, count: 12 },
  ];
  // 4 channels of 5×5 are 100 bytes, of 8×8 are 256.
  expect(partsAreExact(layer(8, 16, { output: square(16, 5), parts }))).toBe(false);
  expect(partsAreExact(layer(8, 16, { parts }))).toBe(true);
});

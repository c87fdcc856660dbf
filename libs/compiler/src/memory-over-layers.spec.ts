import { compile } from './compile';
import type { MemoryOverLayers } from './memory-over-layers';
import { memoryOverLayers } from './memory-over-layers';
import { quantized, randomGraph } from './random-quantized-graph.fixture';

let memory: MemoryOverLayers;
let plan: ReturnType<typeof compile>['plan'];
beforeAll(async () => {
  const layers = [
    ['convolution', 8, 3, 2, 'relu6'],
    ['depthwise', 8, 3, 1, 'relu6'],
    ['convolution', 12, 1, 1, 'relu6'],
  ] as const;
  const { graph } = await quantized(randomGraph(1, { layers, height: 32, width: 32, hidden: 'relu6' }));
  const compilation = compile(graph);
  plan = compilation.plan;
  memory = memoryOverLayers(compilation);
});

test('the layers of the KPU come first, then those of the processor', () => {
  expect(memory.layers.slice(0, 3)).toEqual(['layer_0', 'layer_1', 'layer_2']);
  expect(memory.layers).toHaveLength(3 + plan.mainBuffers.length - 1);
});

test('a map is there from the layer that writes it to the one that reads it', () => {
  expect(memory.kpuMaps.map(({ firstLayer, lastLayer }) => [firstLayer, lastLayer])).toEqual([
    [0, 0],
    [0, 1],
    [1, 2],
    [2, 2],
  ]);
  expect(memory.kpuMaps.map(({ start, size }) => [start, size])).toEqual(plan.kpuMaps.map((m) => [m.line, m.lines]));
});

test('what the KPU sends starts at its last layer, and the output stays to the end', () => {
  expect(memory.mainBuffers[0]).toMatchObject({ firstLayer: 2, lastLayer: 3 });
  expect(memory.mainBuffers.at(-1)).toMatchObject({ lastLayer: memory.layers.length - 1 });
});

test('blocks that lie over each other are never there at the same layer', () => {
  for (const blocks of [memory.kpuMaps, memory.mainBuffers]) {
    blocks.forEach((a, index) =>
      blocks.slice(index + 1).forEach((b) => {
        const together = a.firstLayer <= b.lastLayer && b.firstLayer <= a.lastLayer;
        const overlapping = a.start < b.start + b.size && b.start < a.start + a.size;
        expect(together && overlapping).toBe(false);
      }),
    );
  }
});

test('it is the same after JSON', () => {
  expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
});

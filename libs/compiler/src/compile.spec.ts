import type { ConvolutionLayer } from '@graft/kmodel';
import { readKModel, writeKModel } from '@graft/kmodel';
import type { QuantizedGraph } from '@graft/quantization';

import { compile } from './compile';
import type { LayerRecipe } from './random-quantized-graph.fixture';
import { quantized, randomGraph } from './random-quantized-graph.fixture';

const LAYERS: readonly LayerRecipe[] = [
  ['convolution', 8, 3, 2, 'relu6'],
  ['depthwise', 8, 3, 2, 'relu6'],
  ['convolution', 12, 1, 1, 'relu6'],
];

let graph: QuantizedGraph;
beforeAll(async () => {
  graph = (await quantized(randomGraph(1, { layers: LAYERS, height: 32, width: 32, hidden: 'relu6' }))).graph;
});

test('the layers of the file are the convolutions, then the tail on the CPU', () => {
  expect(compile(graph).model.layers.map(({ kind, flags }) => `${kind} ${flags}`)).toEqual([
    'convolution 0',
    'convolution 0',
    'convolution 1',
    'dequantize 1',
    'globalAveragePool 1',
    'fullyConnected 0',
    'fullyConnected 0',
    'softmax 1',
  ]);
});

test('stride 2 becomes a left-top subsample, behind a depthwise layer on the 1×1 convolution', () => {
  const runs = compile(graph).model.layers.slice(0, 3) as ConvolutionLayer[];
  expect(
    runs.map(({ registers: { poolType, inputWidth, outputWidth } }) => [poolType, inputWidth, outputWidth]),
  ).toEqual([
    [5, 32, 16],
    [0, 16, 16],
    [5, 16, 8],
  ]);
});

test('each run reads where the one before it wrote, and the last one also sends to main memory', () => {
  const { model, plan } = compile(graph);
  const runs = model.layers.slice(0, 3) as ConvolutionLayer[];
  expect(runs[0].registers.sourceLine).toBe(0);
  expect(runs[1].registers.sourceLine).toBe(runs[0].registers.destinationLine);
  expect(runs[2].registers.sourceLine).toBe(runs[1].registers.destinationLine);
  expect(runs[2].mainOut).toBe(plan.mainBuffers[0].address);
  expect(model.maxStartAddress).toBe(0);
});

test('the CPU layers read what the one before them wrote, and the output is the softmax', () => {
  const { model } = compile(graph);
  const cpu = model.layers.slice(3).map((layer) => {
    if (!('input' in layer && 'output' in layer)) throw new Error(layer.kind);
    return [layer.input, layer.output];
  });
  cpu.slice(1).forEach(([input], index) => expect(input).toBe(cpu[index][1]));
  expect(model.outputs).toEqual([{ address: cpu[cpu.length - 1][1], size: 12 }]);
});

test('the activations of dense layers go into their field', () => {
  const dense = compile(graph).model.layers.filter((layer) => layer.kind === 'fullyConnected');
  expect(dense.map(({ activation }) => activation)).toEqual([2, 0]);
});

test('the model reads back from its bytes as it was', () => {
  const { model } = compile(graph);
  expect(readKModel(writeKModel(model))).toEqual(model);
});

test('equal graphs give equal bytes', () => {
  expect(Buffer.compare(writeKModel(compile(graph).model), writeKModel(compile(graph).model))).toBe(0);
});

test('an observer sees the program after every pass', () => {
  const seen: string[] = [];
  compile(graph, (pass, { layers, plan }) =>
    seen.push(
      `${pass}: ${layers
        .filter(({ subsample }) => subsample)
        .map(({ kind }) => kind)
        .join(' ')}${plan ? ', planned' : ''}`,
    ),
  );
  expect(seen).toEqual([
    'lower: convolution depthwise',
    'move subsampling: convolution convolution',
    'split wide layers: convolution convolution',
    'check limits: convolution convolution',
    'assign arithmetic: convolution convolution',
    'plan memory: convolution convolution, planned',
  ]);
});

test('the report counts lines, loads and work of every run', () => {
  // 3×32×32: 2 lines of two channels a row; 8×16×16: 2 lines of four.
  expect(compile(graph).layers[0]).toMatchObject({
    name: 'layer_0',
    inputLines: 64,
    outputLines: 32,
    weightLoads: 1,
    macs: 8 * 27 * 32 * 32,
    subsample: true,
  });
  for (const { multiplierBits } of compile(graph).layers) expect(multiplierBits.least).toBeGreaterThanOrEqual(10);
});

test('what the KPU cannot do is thrown with the name of the layer', () => {
  const [first, ...rest] = graph.convolutions;
  const odd = { ...first.input, height: 30, width: 30 };
  const input = { ...graph.input, height: 30, width: 30 };
  const half = { ...first.output, height: 15, width: 15 };
  const quarter = { height: 7.5, width: 7.5 };
  const broken: QuantizedGraph = {
    ...graph,
    input,
    convolutions: [
      { ...first, input: odd, output: half },
      { ...rest[0], input: { ...rest[0].input, ...size(half) }, output: { ...rest[0].output, ...quarter } },
      { ...rest[1], input: { ...rest[1].input, ...quarter }, output: { ...rest[1].output, ...quarter } },
    ],
  };
  expect(() => compile(broken)).toThrow(
    expect.objectContaining({ code: 'E305', message: expect.stringContaining('layer_2') }),
  );
});

function size({ height, width }: { readonly height: number; readonly width: number }) {
  return { height, width };
}

import type { Program } from './kpu-program';
import { PASSES, programOf } from './passes';
import { quantized, randomGraph } from './random-quantized-graph.fixture';
import { verify } from './verify';

let finished: Program;
beforeAll(async () => {
  const { graph } = await quantized(
    randomGraph(1, {
      layers: [
        ['convolution', 4, 1, 1, 'relu'],
        ['depthwise', 4, 3, 1, 'relu'],
      ],
    }),
  );
  finished = PASSES.reduce((program, pass) => pass.run(program), programOf(graph));
});

function planned(): NonNullable<Program['plan']> {
  if (finished.plan === undefined) throw new Error('not planned');
  return finished.plan;
}

test('a finished program holds every promise', () => {
  expect(() => verify(finished, 'end')).not.toThrow();
});

test('a broken chain names the pass and the layer', () => {
  const [first, second] = finished.layers;
  const broken = { ...finished, layers: [first, { ...second, input: { ...second.input, zeroPoint: 1 } }] };
  expect(() => verify(broken, 'some pass')).toThrow(
    'internal: after pass "some pass", layer_1: its input is not the output before it',
  );
});

test('a number outside its field is found', () => {
  const layers = finished.layers.map((layer) => {
    if (layer.arithmetic === undefined) return layer;
    const batchNorm = layer.arithmetic.batchNorm.map((entry) => ({ ...entry, shift: 16 }));
    return { ...layer, arithmetic: { ...layer.arithmetic, batchNorm } };
  });
  expect(() => verify({ ...finished, layers }, 'p')).toThrow('does not fit');
});

test('overlapping maps and buffers are found', () => {
  const maps = planned().kpuMaps.map((map) => ({ ...map, line: 0 }));
  expect(() => verify({ ...finished, plan: { ...planned(), kpuMaps: maps } }, 'p')).toThrow('it overlaps its input');
  const buffers = planned().mainBuffers.map((buffer) => ({ ...buffer, address: 0 }));
  expect(() => verify({ ...finished, plan: { ...planned(), mainBuffers: buffers } }, 'p')).toThrow('it overlaps "');
});

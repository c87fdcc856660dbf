import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ByteError, sha256 } from '@graft/foundation';
import { readKModel, writeKModel } from '@graft/kmodel';
import type { KModel, KModelLayer } from '@graft/kmodel';
import { kpuConvolution } from '@graft/testkit';

import { loadSimulator } from './simulator';

const TINY_OWN = join(__dirname, '../../kmodel/fixtures/tiny-own');
const tinyOwn = new Uint8Array(readFileSync(join(TINY_OWN, 'tiny-own.kmodel')));

interface TinyVectors {
  readonly cases: readonly {
    readonly j: number;
    readonly convSha256: readonly string[];
    readonly softmax: readonly number[];
    readonly floatReference: readonly number[];
  }[];
}

const { cases } = JSON.parse(readFileSync(join(TINY_OWN, 'vectors.json'), 'utf8')) as TinyVectors;

/** The picture for case j, as the vectors' note has it. */
function tinyPicture(j: number): Uint8Array {
  const picture: number[] = [];
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) picture.push(x * (3 + c + j) + y * (5 - c + 2 * j) + ((x * y) >> 4) * (c + 1));
    }
  }
  return Uint8Array.from(picture, (value) => value & 255);
}

describe.each(['A', 'B'] as const)('tiny-own, rounding %s', (rounding) => {
  test.each(cases)('case $j gives the recorded bytes and classes', ({ j, convSha256, softmax, floatReference }) => {
    const hashes: string[] = [];
    const [output] = loadSimulator(tinyOwn, { rounding }).run(tinyPicture(j), (_, kind, bytes) => {
      if (kind === 'convolution') hashes.push(sha256(new Uint8Array(bytes)));
    });
    expect(hashes).toEqual(convSha256);
    softmax.forEach((share, index) => expect(Math.abs(output[index] - share)).toBeLessThan(1e-6));
    // The measured distance to the float net is 0.0021 at most.
    floatReference.forEach((share, index) => expect(Math.abs(output[index] - share)).toBeLessThan(0.003));
  });
});

const modelOf = (layers: readonly KModelLayer[], changes: Partial<KModel> = {}): Uint8Array =>
  writeKModel({ weightBits: 8, maxStartAddress: 0, mainMemoryBytes: 256, outputs: [], layers, ...changes });

const picture = Uint8Array.from({ length: 32 }, (_, index) => 3 * index);

function observed(file: Uint8Array, input: Uint8Array | Float32Array): number[][] {
  const outputs: number[][] = [];
  loadSimulator(file).run(input, (_index, _kind, output) => outputs.push([...output]));
  return outputs;
}

describe('the way of the data', () => {
  test('a layer reads what the one before wrote', () => {
    const second = kpuConvolution({ sourceLine: 1000, destinationLine: 2000 });
    expect(observed(modelOf([kpuConvolution(), second]), picture)).toEqual([[...picture], [...picture]]);
  });

  test('a layer that reads from a wrong line shows it', () => {
    const second = kpuConvolution({ sourceLine: 1001, destinationLine: 2000 });
    const [, wrong] = observed(modelOf([kpuConvolution(), second]), picture);
    // One line is one row of up to four channels.
    expect(wrong.slice(0, 16)).toEqual([...picture.subarray(4, 16), 0, 0, 0, 0]);
  });

  test('a layer that writes over a map still needed shows it', () => {
    const clobbering = kpuConvolution({ sourceLine: 0, destinationLine: 1001 });
    const third = kpuConvolution({ sourceLine: 1000, destinationLine: 2000 });
    const [, , wrong] = observed(modelOf([kpuConvolution(), clobbering, third]), picture);
    expect(wrong.slice(0, 8)).toEqual([...picture.subarray(0, 4), ...picture.subarray(0, 4)]);
  });

  test('a result goes to main memory if the flags say so', () => {
    const layers: KModelLayer[] = [
      { ...kpuConvolution(), flags: 1, mainOut: 8 },
      { kind: 'dequantize', flags: 1, input: 8, output: 64, count: 32, scale: 1, bias: 0 },
    ];
    const [result] = loadSimulator(modelOf(layers, { outputs: [{ address: 64, size: 128 }] })).run(picture);
    expect([...result]).toEqual([...picture]);
  });

  test('a vector goes through padding, a 4×4 convolution and back', () => {
    const layers: KModelLayer[] = [
      { ...kpuConvolution(), flags: 1 },
      { kind: 'addPadding', flags: 0, input: 5, destinationLine: 500, channels: 5 },
      { ...kpuConvolution({ inputChannels: 5, sourceLine: 500 }), flags: 1, mainOut: 40 },
      { kind: 'removePadding', flags: 1, input: 40, output: 240, channels: 5 },
    ];
    expect(observed(modelOf(layers), picture)[3]).toEqual([15, 18, 21, 24, 27]);
  });

  test('bytes of main memory go back to KPU RAM', () => {
    const layers: KModelLayer[] = [
      { ...kpuConvolution(), flags: 1 },
      { kind: 'upload', flags: 0, input: 0, destinationLine: 700, width: 4, height: 4, channels: 2 },
      kpuConvolution({ sourceLine: 700 }),
    ];
    expect(observed(modelOf(layers), picture)[2]).toEqual([...picture]);
  });

  test('a model may begin with a dense layer and takes floats then', () => {
    const layer: KModelLayer = {
      kind: 'fullyConnected',
      flags: 0,
      input: 16,
      output: 0,
      inputChannels: 2,
      outputChannels: 1,
      activation: 0,
      weights: Float32Array.of(2, -1),
      bias: Float32Array.of(0.5),
    };
    const simulator = loadSimulator(modelOf([layer], { outputs: [{ address: 0, size: 4 }] }));
    expect(simulator).toMatchObject({ inputType: 'floats', input: { channels: 2, height: 1, width: 1 } });
    expect(simulator.run(Float32Array.of(3, 1)).map((output) => [...output])).toEqual([[5.5]]);
  });

  test('one run does not see another', () => {
    const simulator = loadSimulator(
      modelOf([kpuConvolution({ sourceLine: 0 }), kpuConvolution({ sourceLine: 1, destinationLine: 9 })]),
    );
    const outputs: number[][] = [];
    const observe = (_: number, __: string, output: Uint8Array | Float32Array) => outputs.push([...output]);
    simulator.run(picture, observe);
    simulator.run(new Uint8Array(32).fill(9), observe);
    simulator.run(picture, observe);
    expect(outputs.slice(4)).toEqual(outputs.slice(0, 2));
  });

  test('the result is a copy that the next run leaves alone', () => {
    const simulator = loadSimulator(tinyOwn);
    const [first] = simulator.run(tinyPicture(0));
    const before = [...first];
    simulator.run(tinyPicture(1));
    expect([...first]).toEqual(before);
  });
});

describe('what no board could run', () => {
  const codeOf = (action: () => unknown): unknown => {
    try {
      action();
    } catch (error) {
      return (error as { code?: string }).code ?? error;
    }
    return undefined;
  };
  const softmax: KModelLayer = { kind: 'softmax', flags: 1, input: 0, output: 0, channels: 1 };

  test('bytes that are no kmodel are refused with a ByteError', () => {
    expect(() => loadSimulator(tinyOwn.subarray(0, 1000))).toThrow(ByteError);
  });

  test.each([
    ['a picture of another size', new Uint8Array(31)],
    ['floats instead of a picture', new Float32Array(32)],
  ])('%s is refused with E360', (_, input) => {
    expect(codeOf(() => loadSimulator(modelOf([kpuConvolution()])).run(input))).toBe('E360');
  });

  test.each<[string, KModelLayer[]]>([
    ['no layers', []],
    ['a first layer without input', [softmax]],
  ])('%s is refused with E361', (_, layers) => {
    expect(codeOf(() => loadSimulator(modelOf(layers)))).toBe('E361');
  });

  test('more main memory than the chip has is refused with E362', () => {
    expect(codeOf(() => loadSimulator(modelOf([kpuConvolution()], { mainMemoryBytes: 2 ** 31 })))).toBe('E362');
  });

  test('a result that does not fit into main memory is refused with E362', () => {
    const simulator = loadSimulator(modelOf([{ ...kpuConvolution(), flags: 1, mainOut: 232 }]));
    expect(codeOf(() => simulator.run(picture))).toBe('E362');
  });

  test('an output that does not lie in main memory is refused with E362', () => {
    const simulator = loadSimulator(modelOf([kpuConvolution()], { outputs: [{ address: 256, size: 4 }] }));
    expect(codeOf(() => simulator.run(picture))).toBe('E362');
  });

  test.each<[string, KModelLayer]>([
    ['a convolution that reads beyond the last line', kpuConvolution({ sourceLine: 32765 })],
    ['a convolution that writes beyond the last line', kpuConvolution({ destinationLine: 32765 })],
    ['a convolution that overwrites its input', kpuConvolution({ destinationLine: 3 })],
    ['padding beyond the last line', { kind: 'addPadding', flags: 0, input: 0, destinationLine: 32767, channels: 1 }],
    [
      'an upload of billions of channels',
      { kind: 'upload', flags: 0, input: 0, destinationLine: 0, width: 4, height: 4, channels: 2 ** 32 - 1 },
    ],
  ])('%s is refused with E363', (_, layer) => {
    const first = layer.kind === 'convolution' ? [] : [kpuConvolution()];
    expect(codeOf(() => loadSimulator(modelOf([...first, layer])))).toBe('E363');
  });

  test.each<[string, KModelLayer[]]>([
    [
      'windows as large as their maps',
      [
        {
          ...{ kind: 'quantizedMaxPool', flags: 0, input: 0, output: 0, inputChannels: 1, outputChannels: 1 },
          ...{ inputWidth: 1000, inputHeight: 1000, outputWidth: 1000, outputHeight: 1000 },
          ...{ kernelWidth: 1000, kernelHeight: 1000, strideWidth: 1, strideHeight: 1 },
          ...{ paddingWidth: 0, paddingHeight: 0 },
        },
      ],
    ],
    [
      'many layers over all of main memory',
      Array.from({ length: 20_000 }, () => ({ ...softmax, kind: 'logistic', channels: 2 ** 22 })),
    ],
  ])('%s are refused with E365 before anything runs', (_, layers) => {
    expect(codeOf(() => loadSimulator(modelOf([kpuConvolution(), ...layers])))).toBe('E365');
  });

  test('a map right behind the one it is made from is fine', () => {
    expect(observed(modelOf([kpuConvolution({ destinationLine: 4 })]), picture)).toEqual([[...picture]]);
  });
});

test('16-bit weights are read from the whole file', () => {
  const model = readKModel(modelOf([kpuConvolution()]));
  const [layer] = model.layers;
  if (layer.kind !== 'convolution') throw new Error('the model has one convolution');
  // Weight 1·256 + 0, brought back by a shift of 8.
  const wide = {
    ...layer,
    weights: Uint8Array.of(0, 1, 0, 1),
    batchNorm: layer.batchNorm.map((entry) => ({ ...entry, shift: 8 })),
  };
  expect(observed(modelOf([wide], { weightBits: 16 }), picture)).toEqual([[...picture]]);
});

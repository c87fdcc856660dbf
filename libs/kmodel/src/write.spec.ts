import { GraftError } from '@graft/foundation';
import { kpuConvolution } from '@graft/testkit';
import fc from 'fast-check';

import { arbitraryKModel, arbitraryPlainLayers } from './arbitrary-kmodel';
import type { ConvolutionLayer, KModel, KModelLayer } from './kmodel';
import { readKModel } from './read';
import { writeAndPlace, writeKModel } from './write';

const convolution = (changes: Partial<ConvolutionLayer['registers']> = {}): ConvolutionLayer => ({
  ...kpuConvolution({ depthwise: false, destinationLine: 100, outputChannels: 3, ...changes }),
  weights: new Uint8Array(6).fill(7),
  batchNorm: [1, 2, 3].map((multiplier) => ({ multiplier, add: 0, shift: 0 })),
  activation: Array.from({ length: 16 }, (_, index) => ({ start: index, multiplier: 0, shift: 0, bias: 9 })),
});

const modelOf = (...layers: KModelLayer[]): KModel => ({
  weightBits: 8,
  maxStartAddress: 0,
  mainMemoryBytes: 0,
  outputs: [],
  layers,
});

const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
  } catch (error) {
    if (error instanceof GraftError) return error.code;
    throw error;
  }
  return undefined;
};

test('what was written reads back equal', () => {
  fc.assert(
    fc.property(arbitraryKModel, (model) => expect(readKModel(writeKModel(model))).toEqual(model)),
    {
      numRuns: 150,
    },
  );
});

test('a layer of every kind reads back equal', () => {
  fc.assert(
    fc.property(arbitraryPlainLayers, (layers) => {
      const model = modelOf(...layers);
      expect(readKModel(writeKModel(model))).toEqual(model);
    }),
    { numRuns: 30 },
  );
});

describe('the place of things', () => {
  const { bytes, bodies } = writeAndPlace(modelOf(convolution(), convolution()));
  const view = new DataView(bytes.buffer);
  const offsetsOf = (body: number) => [8, 12, 16, 20].map((field) => view.getUint32(bodies[body].offset + field, true));

  test('the first body follows the tables', () => {
    expect(bodies[0].offset).toBe(28 + 2 * 8);
  });

  test.each([0, 1])('the blocks of convolution %i stand at multiples of 8, 128, 128 and 256 of the file', (body) => {
    expect(offsetsOf(body).map((offset, index) => offset % [8, 128, 128, 256][index])).toEqual([0, 0, 0, 0]);
  });

  test('the blocks hold registers, weights, batch norm and activation', () => {
    // The first body ends at 44 + 24, the registers take 96 bytes from 72 on.
    const [registers, weights, batchNorm, activation] = offsetsOf(0);
    expect([registers, weights, batchNorm, activation]).toEqual([72, 256, 384, 512]);
    expect([...bytes.subarray(weights, weights + 6)]).toEqual([7, 7, 7, 7, 7, 7]);
    expect(view.getBigUint64(batchNorm + 16, true)).toBe(3n);
    expect(view.getBigUint64(activation + 8 * 15, true)).toBe(15n << 24n);
    expect([...bytes.subarray(activation + 128, activation + 144)]).toEqual(Array(16).fill(9));
  });

  test('every body ends at a multiple of 8, the last one too', () => {
    expect(bodies.map(({ offset, bytes: size }) => (offset + size) % 8)).toEqual([0, 0]);
    expect(bytes.length).toBe(bodies[1].offset + bodies[1].bytes);
  });
});

test('the register words are those of a layer worked out by hand', () => {
  const { bytes } = writeAndPlace(
    modelOf(convolution({ inputWidth: 40, outputWidth: 20, inputHeight: 6, outputHeight: 3, poolType: 5, argX: -1 })),
  );
  const view = new DataView(bytes.buffer);
  const offset = view.getUint32(28 + 8 + 8, true);
  const words = Array.from({ length: 12 }, (_, index) => view.getBigUint64(offset + 8 * index, true));
  expect(words).toEqual([
    0n,
    100n << 32n,
    1n | (2n << 32n) | (2n << 48n), // 2 → 3 channels, all 3 in one load
    39n | (5n << 10n) | (19n << 32n) | (2n << 42n),
    (5n << 4n) | (1n << 10n) | (15n << 16n),
    1n | (6n << 15n), // one load of 6 bytes
    0n,
    6n | (1n << 16n) | (1n << 28n) | (1n << 31n), // rows of 40 pixels: one line, one channel to a line
    3n | (1n << 16n) | (2n << 20n), // rows of 20: two channels to a line
    0xffffffn << 32n,
    0n,
    (59n << 16n) | (179n << 32n),
  ]);
});

describe('a model that the format cannot express', () => {
  test.each<[string, ConvolutionLayer | KModelLayer]>([
    ['more than 1024 channels', convolution({ inputChannels: 1025 })],
    ['a pool that does not exist', convolution({ poolType: 10 })],
    ['an output height that the pool does not give', convolution({ outputHeight: 2 })],
    ['an output width that the pool does not give', convolution({ outputWidth: 2 })],
    ['depthwise with another number of outputs', convolution({ depthwise: true })],
    ['an argument of more than 24 bits', convolution({ argW: 2 ** 23 })],
    ['a fraction', convolution({ argAdd: 0.5 })],
    ['too few weights', { ...convolution(), weights: new Uint8Array(5) }],
    [
      'a batch norm entry too many',
      { ...convolution(), batchNorm: [...convolution().batchNorm, { multiplier: 0, add: 0, shift: 0 }] },
    ],
    ['fifteen segments', { ...convolution(), activation: convolution().activation.slice(1) }],
    [
      'a bias beyond a byte',
      { ...convolution(), activation: convolution().activation.map((one) => ({ ...one, bias: 256 })) },
    ],
    ['a negative address', { kind: 'softmax', flags: 0, input: -4, output: 0, channels: 1 }],
    ['a scale beyond float32', { kind: 'quantize', flags: 0, input: 0, output: 0, count: 1, scale: 0.1, bias: 0 }],
    ['a short table', { kind: 'requantize', flags: 0, input: 0, output: 0, count: 1, table: new Uint8Array(255) }],
  ])('%s is refused with E355', (_, layer) => {
    expect(codeOf(() => writeKModel(modelOf(layer)))).toBe('E355');
  });

  test('more than 64 weight loads are refused with E355', () => {
    const layer = convolution({ inputChannels: 512, outputChannels: 512, kernel: 3 });
    const full = { ...layer, weights: new Uint8Array(512 * 512 * 9), batchNorm: Array(512).fill(layer.batchNorm[0]) };
    expect(codeOf(() => writeKModel(modelOf(full)))).toBe('E355');
  });

  test('a plane of more than 65536 pixels is written unless it goes to main memory', () => {
    const layer = convolution({ inputWidth: 320, inputHeight: 240, outputWidth: 320, outputHeight: 240 });
    expect(readKModel(writeKModel(modelOf(layer))).layers).toEqual([layer]);
    expect(codeOf(() => writeKModel(modelOf({ ...layer, flags: 1 })))).toBe('E355');
  });

  test('main memory that is no multiple of 8 is refused with E355', () => {
    expect(codeOf(() => writeKModel({ ...modelOf(), mainMemoryBytes: 12 }))).toBe('E355');
  });
});

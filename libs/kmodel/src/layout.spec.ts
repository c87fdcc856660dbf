import type { PlainLayer } from './kmodel';
import { LAYER_TYPE } from './layout';
import { writeAndPlace } from './write';

/** Distinct values for every field, so that two that change places show. */
const F32 = { one: 1.5, two: -0.25 };
const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0];
const pool = {
  inputWidth: 4,
  inputHeight: 5,
  inputChannels: 6,
  outputWidth: 7,
  outputHeight: 8,
  outputChannels: 9,
  kernelWidth: 10,
  kernelHeight: 11,
  strideWidth: 12,
  strideHeight: 13,
  paddingWidth: 14,
  paddingHeight: 15,
};
const resize = { inputWidth: 4, inputHeight: 5, channels: 6, outputWidth: 7, outputHeight: 8, alignCorners: 9 };
const common = { flags: 1, input: 2, output: 3 };
const counting = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

interface Row {
  readonly type: number;
  readonly layer: PlainLayer;
  /** The body as u32 words in the order of docs/formats/kmodel-v3.md, written down by hand. */
  readonly words: readonly number[];
}

const ROWS: { readonly [K in PlainLayer['kind']]: Row & { readonly layer: Extract<PlainLayer, { kind: K }> } } = {
  add: {
    type: 1,
    layer: { kind: 'add', flags: 1, inputA: 2, inputB: 3, output: 4, count: 5 },
    words: [1, 2, 3, 4, 5],
  },
  quantizedAdd: {
    type: 2,
    layer: {
      kind: 'quantizedAdd',
      flags: 1,
      inputA: 2,
      inputB: 3,
      output: 4,
      count: 5,
      offsetA: -6,
      multiplierA: 7,
      shiftA: 8,
      offsetB: -9,
      multiplierB: 10,
      shiftB: 11,
      outputOffset: -12,
      outputMultiplier: 13,
      outputShift: 14,
    },
    words: [1, 2, 3, 4, 5, 2 ** 32 - 6, 7, 8, 2 ** 32 - 9, 10, 11, 2 ** 32 - 12, 13, 14],
  },
  globalAveragePool: {
    type: 5,
    layer: { kind: 'globalAveragePool', ...common, kernelSize: 4, channels: 5 },
    words: counting(1, 5),
  },
  quantizedMaxPool: { type: 8, layer: { kind: 'quantizedMaxPool', ...common, ...pool }, words: counting(1, 15) },
  averagePool: {
    type: 9,
    layer: { kind: 'averagePool', ...common, ...pool, activation: 16 },
    words: counting(1, 16),
  },
  quantize: {
    type: 11,
    layer: { kind: 'quantize', ...common, count: 4, scale: F32.one, bias: F32.two },
    words: [1, 2, 3, 4, bitsOf(F32.one), bitsOf(F32.two)],
  },
  dequantize: {
    type: 12,
    layer: { kind: 'dequantize', ...common, count: 4, scale: F32.one, bias: F32.two },
    words: [1, 2, 3, 4, bitsOf(F32.one), bitsOf(F32.two)],
  },
  requantize: {
    type: 13,
    layer: { kind: 'requantize', ...common, count: 4, table: Uint8Array.from(counting(0, 256)) },
    words: [1, 2, 3, 4, ...Array.from({ length: 64 }, (_, word) => 0x03020100 + 0x04040404 * word)],
  },
  l2Normalization: { type: 14, layer: { kind: 'l2Normalization', ...common, channels: 4 }, words: [1, 2, 3, 4] },
  softmax: { type: 15, layer: { kind: 'softmax', ...common, channels: 4 }, words: [1, 2, 3, 4] },
  concat: {
    type: 16,
    layer: { kind: 'concat', flags: 1, output: 2, inputs: [{ start: 4, size: 5 }, { start: 6, size: 7 }] }, // prettier-ignore
    words: [1, 2, 2, 4, 5, 6, 7],
  },
  quantizedConcat: {
    type: 17,
    layer: { kind: 'quantizedConcat', flags: 1, output: 2, inputs: [{ start: 4, size: 5 }] },
    words: [1, 2, 1, 4, 5],
  },
  fullyConnected: {
    type: 18,
    layer: {
      kind: 'fullyConnected',
      ...common,
      inputChannels: 3,
      outputChannels: 2,
      activation: 1,
      weights: Float32Array.from(counting(1, 6)),
      bias: Float32Array.of(7, 8),
    },
    words: [1, 2, 3, 3, 2, 1, ...counting(1, 8).map(bitsOf)],
  },
  flatten: { type: 20, layer: { kind: 'flatten', ...common, width: 4, height: 5, channels: 6 }, words: counting(1, 6) },
  resizeNearest: { type: 22, layer: { kind: 'resizeNearest', ...common, ...resize }, words: counting(1, 9) },
  quantizedResizeNearest: {
    type: 23,
    layer: { kind: 'quantizedResizeNearest', ...common, ...resize },
    words: counting(1, 9),
  },
  channelwiseDequantize: {
    type: 24,
    layer: {
      kind: 'channelwiseDequantize',
      ...common,
      channels: 2,
      channelSize: 5,
      ranges: [{ scale: 1, bias: 2 }, { scale: 3, bias: 4 }], // prettier-ignore
    },
    words: [1, 2, 3, 2, 5, ...counting(1, 4).map(bitsOf)],
  },
  logistic: { type: 25, layer: { kind: 'logistic', ...common, channels: 4 }, words: [1, 2, 3, 4] },
  addPadding: {
    type: 10241,
    layer: { kind: 'addPadding', flags: 1, input: 2, destinationLine: 3, channels: 4 },
    words: [1, 2, 3, 4],
  },
  removePadding: { type: 10242, layer: { kind: 'removePadding', ...common, channels: 4 }, words: [1, 2, 3, 4] },
  upload: {
    type: 10243,
    layer: { kind: 'upload', flags: 1, input: 2, destinationLine: 3, width: 4, height: 5, channels: 6 },
    words: counting(1, 6),
  },
};

test.each(Object.entries(ROWS))('the body of %s has the fields of the format in its order', (kind, row) => {
  const { bytes, bodies } = writeAndPlace({
    weightBits: 8,
    maxStartAddress: 32768,
    mainMemoryBytes: 0,
    outputs: [],
    layers: [row.layer],
  });
  const view = new DataView(bytes.buffer);
  const [{ offset, bytes: length }] = bodies;
  const words = Array.from({ length: row.words.length }, (_, index) => view.getUint32(offset + 4 * index, true));
  expect(words).toEqual(row.words);
  // Padding up to the next multiple of 8 of the file offset, and nothing else.
  expect(offset + length).toBe(Math.ceil((offset + 4 * row.words.length) / 8) * 8);
  expect([view.getUint32(28, true), LAYER_TYPE[row.layer.kind]]).toEqual([row.type, row.type]);
  expect(row.layer.kind).toBe(kind);
});

import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

import { pooledSize, weightBytes } from './geometry';
import type { ConvolutionLayer, ConvolutionRegisters, KModel, KModelLayer, PlainLayer } from './kmodel';

// For tests only: models that are well-formed and mean nothing.

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const f32 = fc.float();
const small = fc.integer({ min: 1, max: 6 });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const floats = (length: number) => fc.float32Array({ minLength: length, maxLength: length });
const many = <T>(item: Arbitrary<T>, length: number) => fc.array(item, { minLength: length, maxLength: length });

const inputOutput = { flags: u32, input: u32, output: u32 };
const window = {
  ...inputOutput,
  inputWidth: u32,
  inputHeight: u32,
  inputChannels: u32,
  outputWidth: u32,
  outputHeight: u32,
  outputChannels: u32,
  kernelWidth: u32,
  kernelHeight: u32,
  strideWidth: u32,
  strideHeight: u32,
  paddingWidth: u32,
  paddingHeight: u32,
};
const resize = {
  ...inputOutput,
  inputWidth: u32,
  inputHeight: u32,
  channels: u32,
  outputWidth: u32,
  outputHeight: u32,
  alignCorners: u32,
};
const concat = {
  flags: u32,
  output: u32,
  inputs: fc.array(fc.record({ start: u32, size: u32 }), { maxLength: 4 }),
};

const fullyConnected = fc.tuple(small, small).chain(([inputChannels, outputChannels]) =>
  fc.record({
    kind: fc.constant('fullyConnected' as const),
    ...inputOutput,
    inputChannels: fc.constant(inputChannels),
    outputChannels: fc.constant(outputChannels),
    activation: u32,
    weights: floats(inputChannels * outputChannels),
    bias: floats(outputChannels),
  }),
);

const channelwiseDequantize = small.chain((channels) =>
  fc.record({
    kind: fc.constant('channelwiseDequantize' as const),
    ...inputOutput,
    channels: fc.constant(channels),
    channelSize: u32,
    ranges: many(fc.record({ scale: f32, bias: f32 }), channels),
  }),
);

const kind = <Kind extends string>(name: Kind) => ({ kind: fc.constant(name) });

/** One arbitrary per kind: the compiler complains when a kind is missing. */
const plainLayers: { readonly [K in PlainLayer['kind']]: Arbitrary<Extract<PlainLayer, { kind: K }>> } = {
  add: fc.record({ ...kind('add'), flags: u32, inputA: u32, inputB: u32, output: u32, count: u32 }),
  quantizedAdd: fc.record({
    ...kind('quantizedAdd'),
    flags: u32,
    inputA: u32,
    inputB: u32,
    output: u32,
    count: u32,
    offsetA: i32,
    multiplierA: i32,
    shiftA: i32,
    offsetB: i32,
    multiplierB: i32,
    shiftB: i32,
    outputOffset: i32,
    outputMultiplier: i32,
    outputShift: i32,
  }),
  globalAveragePool: fc.record({ ...kind('globalAveragePool'), ...inputOutput, kernelSize: u32, channels: u32 }),
  quantizedMaxPool: fc.record({ ...kind('quantizedMaxPool'), ...window }),
  averagePool: fc.record({ ...kind('averagePool'), ...window, activation: u32 }),
  quantize: fc.record({ ...kind('quantize'), ...inputOutput, count: u32, scale: f32, bias: f32 }),
  dequantize: fc.record({ ...kind('dequantize'), ...inputOutput, count: u32, scale: f32, bias: f32 }),
  requantize: fc.record({ ...kind('requantize'), ...inputOutput, count: u32, table: bytes(256) }),
  l2Normalization: fc.record({ ...kind('l2Normalization'), ...inputOutput, channels: u32 }),
  softmax: fc.record({ ...kind('softmax'), ...inputOutput, channels: u32 }),
  logistic: fc.record({ ...kind('logistic'), ...inputOutput, channels: u32 }),
  concat: fc.record({ ...kind('concat'), ...concat }),
  quantizedConcat: fc.record({ ...kind('quantizedConcat'), ...concat }),
  fullyConnected,
  flatten: fc.record({ ...kind('flatten'), ...inputOutput, width: u32, height: u32, channels: u32 }),
  resizeNearest: fc.record({ ...kind('resizeNearest'), ...resize }),
  quantizedResizeNearest: fc.record({ ...kind('quantizedResizeNearest'), ...resize }),
  channelwiseDequantize,
  addPadding: fc.record({ ...kind('addPadding'), flags: u32, input: u32, destinationLine: u32, channels: u32 }),
  removePadding: fc.record({ ...kind('removePadding'), ...inputOutput, channels: u32 }),
  upload: fc.record({
    ...kind('upload'),
    flags: u32,
    input: u32,
    destinationLine: u32,
    width: u32,
    height: u32,
    channels: u32,
  }),
};

const line = fc.integer({ min: 0, max: 32767 });
const nibble = fc.integer({ min: 0, max: 15 });
const signed = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });

interface Geometry {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly depthwise: boolean;
  readonly poolType: number;
}

const geometry: Arbitrary<Geometry> = fc.record({
  inputChannels: fc.integer({ min: 1, max: 9 }),
  outputChannels: fc.integer({ min: 1, max: 9 }),
  inputHeight: fc.integer({ min: 4, max: 256 }),
  inputWidth: fc.integer({ min: 4, max: 200 }),
  depthwise: fc.boolean(),
  poolType: fc.integer({ min: 0, max: 9 }),
});

function registersOf(shape: Geometry): Arbitrary<ConvolutionRegisters> {
  return fc.record({
    depthwise: fc.constant(shape.depthwise),
    sourceLine: line,
    destinationLine: line,
    inputChannels: fc.constant(shape.inputChannels),
    outputChannels: fc.constant(shape.depthwise ? shape.inputChannels : shape.outputChannels),
    inputHeight: fc.constant(shape.inputHeight),
    inputWidth: fc.constant(shape.inputWidth),
    outputHeight: fc.constant(pooledSize(shape.inputHeight, shape.poolType) ?? 0),
    outputWidth: fc.constant(pooledSize(shape.inputWidth, shape.poolType) ?? 0),
    kernel: fc.constantFrom(1 as const, 3 as const),
    poolType: fc.constant(shape.poolType),
    padValue: fc.integer({ min: 0, max: 255 }),
    shiftW: nibble,
    shiftX: nibble,
    argW: signed(24),
    argX: signed(24),
    argAdd: fc.oneof(signed(24), fc.constantFrom(-(2 ** 39), 2 ** 39 - 1)),
  });
}

const normEntry = fc.record({ multiplier: signed(24), add: signed(32), shift: nibble });
const segment = fc.record({
  start: fc.maxSafeInteger().map((value) => value % 2 ** 35),
  multiplier: signed(16),
  shift: fc.integer({ min: 0, max: 255 }),
  bias: fc.integer({ min: 0, max: 255 }),
});

function convolutionOf(weightBits: 8 | 16): Arbitrary<ConvolutionLayer> {
  return geometry.chain(registersOf).chain((registers) =>
    fc.record({
      ...kind('convolution'),
      flags: u32,
      mainOut: u32,
      registers: fc.constant(registers),
      weights: bytes(weightBytes(registers, weightBits)),
      batchNorm: many(normEntry, registers.outputChannels),
      activation: many(segment, 16),
    }),
  );
}

/** Every kind of layer, every pool, both widths of weights. */
export const arbitraryKModel: Arbitrary<KModel> = fc.constantFrom(8 as const, 16 as const).chain((weightBits) => {
  const layer: Arbitrary<KModelLayer> = fc.oneof(convolutionOf(weightBits), ...Object.values(plainLayers));
  return fc.record({
    weightBits: fc.constant(weightBits),
    maxStartAddress: u32,
    mainMemoryBytes: fc.integer({ min: 0, max: 2 ** 20 }).map((units) => 8 * units),
    outputs: fc.array(fc.record({ address: u32, size: u32 }), { maxLength: 3 }),
    layers: fc.array(layer, { maxLength: 5 }),
  });
});

/** Nothing but convolutions, in 1 to 3 KiB each. */
export const arbitraryConvolutions: Arbitrary<KModel> = fc.constantFrom(8 as const, 16 as const).chain((weightBits) =>
  fc.record({
    weightBits: fc.constant(weightBits),
    maxStartAddress: line,
    mainMemoryBytes: fc.constant(65536),
    outputs: fc.array(fc.record({ address: u32, size: u32 }), { maxLength: 3 }),
    layers: fc.array(convolutionOf(weightBits), { minLength: 1, maxLength: 2 }),
  }),
);

/** One model with every kind of plain layer once. */
export const arbitraryPlainLayers: Arbitrary<readonly PlainLayer[]> = fc.tuple(...Object.values(plainLayers));

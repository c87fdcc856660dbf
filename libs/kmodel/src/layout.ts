import { byteArray, countedRecords, f32, floatArray, i32, layout, records, u32 } from './fields';
import type { Layout } from './fields';
import type { KModelOutput, LayerKind, MemoryRange, PlainLayer } from './kmodel';

export interface Header {
  readonly version: number;
  readonly flags: number;
  readonly architecture: number;
  readonly layerCount: number;
  readonly maxStartAddress: number;
  readonly mainMemoryBytes: number;
  readonly outputCount: number;
}

export const HEADER = layout<Header>({
  version: u32,
  flags: u32,
  architecture: u32,
  layerCount: u32,
  maxStartAddress: u32,
  mainMemoryBytes: u32,
  outputCount: u32,
});

export const HEADER_BYTES = 28;

export const OUTPUT = layout<KModelOutput>({ address: u32, size: u32 });

export interface LayerHeader {
  readonly type: number;
  readonly bodyBytes: number;
}

export const LAYER_HEADER = layout<LayerHeader>({ type: u32, bodyBytes: u32 });

/** Bytes of an entry of the output table and of the layer table. */
export const TABLE_ENTRY_BYTES = 8;

export interface ConvolutionHead {
  readonly flags: number;
  readonly mainOut: number;
  readonly registersOffset: number;
  readonly weightsOffset: number;
  readonly batchNormOffset: number;
  readonly activationOffset: number;
}

/** The four offsets count from the first byte of the file. */
export const CONVOLUTION_HEAD = layout<ConvolutionHead>({
  flags: u32,
  mainOut: u32,
  registersOffset: u32,
  weightsOffset: u32,
  batchNormOffset: u32,
  activationOffset: u32,
});

/** The fields of a layer: what stands in the file. */
export type FieldsOf<Kind extends LayerKind> = Omit<Extract<PlainLayer, { kind: Kind }>, 'kind'>;

const range = layout<MemoryRange>({ start: u32, size: u32 });
const scaleAndBias = layout<{ readonly scale: number; readonly bias: number }>({ scale: f32, bias: f32 });

const inputOutput = { flags: u32, input: u32, output: u32 } as const;

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
} as const;

const resize = {
  ...inputOutput,
  inputWidth: u32,
  inputHeight: u32,
  channels: u32,
  outputWidth: u32,
  outputHeight: u32,
  alignCorners: u32,
} as const;

const concat = { flags: u32, output: u32, inputs: countedRecords(range) } as const;

/** One record per kind of layer. Order of the fields = order in the file. */
export const PLAIN_LAYOUTS: { readonly [K in PlainLayer['kind']]: Layout<FieldsOf<K>> } = {
  add: layout<FieldsOf<'add'>>({ flags: u32, inputA: u32, inputB: u32, output: u32, count: u32 }),
  quantizedAdd: layout<FieldsOf<'quantizedAdd'>>({
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
  globalAveragePool: layout<FieldsOf<'globalAveragePool'>>({ ...inputOutput, kernelSize: u32, channels: u32 }),
  quantizedMaxPool: layout<FieldsOf<'quantizedMaxPool'>>(window),
  averagePool: layout<FieldsOf<'averagePool'>>({ ...window, activation: u32 }),
  quantize: layout<FieldsOf<'quantize'>>({ ...inputOutput, count: u32, scale: f32, bias: f32 }),
  dequantize: layout<FieldsOf<'dequantize'>>({ ...inputOutput, count: u32, scale: f32, bias: f32 }),
  requantize: layout<FieldsOf<'requantize'>>({ ...inputOutput, count: u32, table: byteArray(() => 256) }),
  l2Normalization: layout<FieldsOf<'l2Normalization'>>({ ...inputOutput, channels: u32 }),
  softmax: layout<FieldsOf<'softmax'>>({ ...inputOutput, channels: u32 }),
  concat: layout<FieldsOf<'concat'>>(concat),
  quantizedConcat: layout<FieldsOf<'quantizedConcat'>>(concat),
  fullyConnected: layout<FieldsOf<'fullyConnected'>>({
    ...inputOutput,
    inputChannels: u32,
    outputChannels: u32,
    activation: u32,
    weights: floatArray((layer) => layer.inputChannels * layer.outputChannels),
    bias: floatArray((layer) => layer.outputChannels),
  }),
  flatten: layout<FieldsOf<'flatten'>>({ ...inputOutput, width: u32, height: u32, channels: u32 }),
  resizeNearest: layout<FieldsOf<'resizeNearest'>>(resize),
  quantizedResizeNearest: layout<FieldsOf<'quantizedResizeNearest'>>(resize),
  channelwiseDequantize: layout<FieldsOf<'channelwiseDequantize'>>({
    ...inputOutput,
    channels: u32,
    channelSize: u32,
    ranges: records(scaleAndBias, (layer) => layer.channels),
  }),
  logistic: layout<FieldsOf<'logistic'>>({ ...inputOutput, channels: u32 }),
  addPadding: layout<FieldsOf<'addPadding'>>({ flags: u32, input: u32, destinationLine: u32, channels: u32 }),
  removePadding: layout<FieldsOf<'removePadding'>>({ ...inputOutput, channels: u32 }),
  upload: layout<FieldsOf<'upload'>>({
    flags: u32,
    input: u32,
    destinationLine: u32,
    width: u32,
    height: u32,
    channels: u32,
  }),
};

/** The number of each kind in the layer table. Numbers left out are reserved: the firmware stops on them. */
export const LAYER_TYPE: { readonly [K in LayerKind]: number } = {
  add: 1,
  quantizedAdd: 2,
  globalAveragePool: 5,
  quantizedMaxPool: 8,
  averagePool: 9,
  quantize: 11,
  dequantize: 12,
  requantize: 13,
  l2Normalization: 14,
  softmax: 15,
  concat: 16,
  quantizedConcat: 17,
  fullyConnected: 18,
  flatten: 20,
  resizeNearest: 22,
  quantizedResizeNearest: 23,
  channelwiseDequantize: 24,
  logistic: 25,
  convolution: 10240,
  addPadding: 10241,
  removePadding: 10242,
  upload: 10243,
};

const KIND_OF_TYPE = new Map(Object.entries(LAYER_TYPE).map(([kind, type]) => [type, kind as LayerKind]));

export function kindOfType(type: number): LayerKind | undefined {
  return KIND_OF_TYPE.get(type);
}

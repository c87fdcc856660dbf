/** Where a feature map lies in KPU RAM: first line (64 bytes each), 0 … 32767. */
export type KpuLine = number;

/** Byte offset into the one block of ordinary memory that the runtime allocates for a model. */
export type MainAddress = number;

/**
 * A kmodel v3, in execution order and without anything that follows from the rest: offsets, padding, register
 * fields that repeat the geometry. See docs/formats/kmodel-v3.md.
 */
export interface KModel {
  /** Of every convolution in the file. */
  readonly weightBits: 8 | 16;
  /** Lowest line of KPU RAM in use; 32768 without a convolution. Informational. */
  readonly maxStartAddress: number;
  /** Bytes of main memory to allocate; a multiple of 8. */
  readonly mainMemoryBytes: number;
  readonly outputs: readonly KModelOutput[];
  readonly layers: readonly KModelLayer[];
}

/** float32 values which the application reads after the last layer. */
export interface KModelOutput {
  readonly address: MainAddress;
  /** In bytes: values × 4. */
  readonly size: number;
}

/** Bit of `flags`: the result goes to main memory. The runtime acts on it in convolutions only. */
export const TO_MAIN_MEMORY = 1;

/** What every layer has. */
interface LayerBase {
  /** u32, kept as it is; see {@link TO_MAIN_MEMORY}. */
  readonly flags: number;
}

/** Registers of one run of the KPU which do not follow from other registers. */
export interface ConvolutionRegisters {
  readonly depthwise: boolean;
  readonly sourceLine: KpuLine;
  readonly destinationLine: KpuLine;
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Before the convolution. */
  readonly inputHeight: number;
  readonly inputWidth: number;
  /** After pooling. */
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly kernel: 1 | 3;
  /** 0 none … 5 left-top of each 2×2 … 9; see {@link pooledSize}. */
  readonly poolType: number;
  /** Byte that taps outside the map read. */
  readonly padValue: number;
  readonly shiftW: number;
  readonly shiftX: number;
  /** Signed 24 bits; multiplies the sum of weights. */
  readonly argW: number;
  /** Signed 24 bits; multiplies the sum of inputs. */
  readonly argX: number;
  /** Signed 40 bits; counted once per input channel. */
  readonly argAdd: number;
}

/** ((convolution · multiplier) >> shift) + add, for one output channel. */
export interface BatchNormEntry {
  /** Signed 24 bits. */
  readonly multiplier: number;
  /** Signed 32 bits. */
  readonly add: number;
  /** 0 … 15 */
  readonly shift: number;
}

/** From `start` on: (value − start) · multiplier, shifted right with rounding, plus bias. */
export interface ActivationSegment {
  /** Signed 36 bits. */
  readonly start: number;
  /** Signed 16 bits. */
  readonly multiplier: number;
  /** 0 … 255; above 20 the reference simulators disagree. */
  readonly shift: number;
  /** 0 … 255 */
  readonly bias: number;
}

/** Convolution, batch norm, activation and pooling on the KPU. */
export interface ConvolutionLayer extends LayerBase {
  readonly kind: 'convolution';
  /** Where the dense result (channel, row, column) goes as well if `flags` say so; otherwise 0. */
  readonly mainOut: MainAddress;
  readonly registers: ConvolutionRegisters;
  /** [output][input][row][column], depthwise [channel][row][column]; 16-bit weights low byte first. */
  readonly weights: Uint8Array;
  /** One per output channel. */
  readonly batchNorm: readonly BatchNormEntry[];
  /** 16 segments, ascending by start. */
  readonly activation: readonly ActivationSegment[];
}

/** `inputA` + `inputB`, float32. */
export interface AddLayer extends LayerBase {
  readonly kind: 'add';
  readonly inputA: MainAddress;
  readonly inputB: MainAddress;
  readonly output: MainAddress;
  readonly count: number;
}

/** Sum of two byte tensors with own scales, by integer multipliers and shifts. */
export interface QuantizedAddLayer extends LayerBase {
  readonly kind: 'quantizedAdd';
  readonly inputA: MainAddress;
  readonly inputB: MainAddress;
  readonly output: MainAddress;
  readonly count: number;
  readonly offsetA: number;
  readonly multiplierA: number;
  readonly shiftA: number;
  readonly offsetB: number;
  readonly multiplierB: number;
  readonly shiftB: number;
  readonly outputOffset: number;
  readonly outputMultiplier: number;
  readonly outputShift: number;
}

/** Mean of each channel, float32. */
export interface GlobalAveragePoolLayer extends LayerBase {
  readonly kind: 'globalAveragePool';
  readonly input: MainAddress;
  readonly output: MainAddress;
  /** Height × width. */
  readonly kernelSize: number;
  readonly channels: number;
}

/** The window of a pooling layer. */
interface PoolFields extends LayerBase {
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly inputWidth: number;
  readonly inputHeight: number;
  readonly inputChannels: number;
  readonly outputWidth: number;
  readonly outputHeight: number;
  readonly outputChannels: number;
  readonly kernelWidth: number;
  readonly kernelHeight: number;
  readonly strideWidth: number;
  readonly strideHeight: number;
  readonly paddingWidth: number;
  readonly paddingHeight: number;
}

/** Max pool on bytes, on the CPU. */
export interface QuantizedMaxPoolLayer extends PoolFields {
  readonly kind: 'quantizedMaxPool';
}

/** Average pool, float32: mean of the cells inside the map. */
export interface AveragePoolLayer extends PoolFields {
  readonly kind: 'averagePool';
  /** 0 none, 1 ReLU, 2 ReLU6. The runtime ignores it. */
  readonly activation: number;
}

/** float32 → bytes: (x − bias) / scale, rounded and clamped. */
export interface QuantizeLayer extends LayerBase {
  readonly kind: 'quantize';
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly count: number;
  readonly scale: number;
  /** Real value of byte 0. */
  readonly bias: number;
}

/** Bytes → float32: byte · scale + bias. */
export interface DequantizeLayer extends LayerBase {
  readonly kind: 'dequantize';
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly count: number;
  readonly scale: number;
  /** Real value of byte 0. */
  readonly bias: number;
}

/** Bytes → bytes by a table. */
export interface RequantizeLayer extends LayerBase {
  readonly kind: 'requantize';
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly count: number;
  /** 256 bytes. */
  readonly table: Uint8Array;
}

/** A function of one float32 vector. */
interface VectorFields extends LayerBase {
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly channels: number;
}

export interface L2NormalizationLayer extends VectorFields {
  readonly kind: 'l2Normalization';
}

export interface SoftmaxLayer extends VectorFields {
  readonly kind: 'softmax';
}

export interface LogisticLayer extends VectorFields {
  readonly kind: 'logistic';
}

/** A run of bytes in main memory. */
export interface MemoryRange {
  readonly start: MainAddress;
  /** In bytes. */
  readonly size: number;
}

/** Copies its inputs behind one another. */
interface ConcatFields extends LayerBase {
  readonly output: MainAddress;
  readonly inputs: readonly MemoryRange[];
}

export interface ConcatLayer extends ConcatFields {
  readonly kind: 'concat';
}

export interface QuantizedConcatLayer extends ConcatFields {
  readonly kind: 'quantizedConcat';
}

/** Dense layer on the CPU, float32. */
export interface FullyConnectedLayer extends LayerBase {
  readonly kind: 'fullyConnected';
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** 0 none, 1 ReLU, 2 ReLU6. */
  readonly activation: number;
  /** [output][input] */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** float32, (channel, row, column) → (row, column, channel). */
export interface FlattenLayer extends LayerBase {
  readonly kind: 'flatten';
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Nearest neighbour. */
interface ResizeFields extends LayerBase {
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly inputWidth: number;
  readonly inputHeight: number;
  readonly channels: number;
  readonly outputWidth: number;
  readonly outputHeight: number;
  /** The runtime ignores it. */
  readonly alignCorners: number;
}

/** On float32. */
export interface ResizeNearestLayer extends ResizeFields {
  readonly kind: 'resizeNearest';
}

/** On bytes. */
export interface QuantizedResizeNearestLayer extends ResizeFields {
  readonly kind: 'quantizedResizeNearest';
}

/** Bytes → float32 with a range per channel. */
export interface ChannelwiseDequantizeLayer extends LayerBase {
  readonly kind: 'channelwiseDequantize';
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly channels: number;
  /** Values per channel. */
  readonly channelSize: number;
  /** One per channel: byte · scale + bias. */
  readonly ranges: readonly { readonly scale: number; readonly bias: number }[];
}

/** Puts one byte per channel at the left-top pixel of a 4×4 map in KPU RAM. */
export interface AddPaddingLayer extends LayerBase {
  readonly kind: 'addPadding';
  readonly input: MainAddress;
  readonly destinationLine: KpuLine;
  readonly channels: number;
}

/** Takes the first byte of each dense 4×4 plane. */
export interface RemovePaddingLayer extends LayerBase {
  readonly kind: 'removePadding';
  readonly input: MainAddress;
  readonly output: MainAddress;
  readonly channels: number;
}

/** Dense bytes (channel, row, column) → KPU RAM. */
export interface UploadLayer extends LayerBase {
  readonly kind: 'upload';
  readonly input: MainAddress;
  readonly destinationLine: KpuLine;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Every layer that the firmware can run. */
export type KModelLayer =
  | AddLayer
  | AddPaddingLayer
  | AveragePoolLayer
  | ChannelwiseDequantizeLayer
  | ConcatLayer
  | ConvolutionLayer
  | DequantizeLayer
  | FlattenLayer
  | FullyConnectedLayer
  | GlobalAveragePoolLayer
  | L2NormalizationLayer
  | LogisticLayer
  | QuantizeLayer
  | QuantizedAddLayer
  | QuantizedConcatLayer
  | QuantizedMaxPoolLayer
  | QuantizedResizeNearestLayer
  | RemovePaddingLayer
  | RequantizeLayer
  | ResizeNearestLayer
  | SoftmaxLayer
  | UploadLayer;

export type LayerKind = KModelLayer['kind'];

/** The layers that are one plain record in the file. */
export type PlainLayer = Exclude<KModelLayer, ConvolutionLayer>;

/** Where a feature map lies in KPU RAM: first line (64 bytes each). */
export type KpuLine = number;

/** A value of a KPU register block, as written; see docs/formats/kmodel-v3.md. */
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
  /** 0 none … 5 left-top of each 2×2 … 9; kpu pooling codes. */
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

export interface BatchNormEntry {
  /** Signed 24 bits. */
  readonly multiplier: number;
  /** Signed 32 bits. */
  readonly add: number;
  /** 0 … 15 */
  readonly shift: number;
}

export interface ActivationSegment {
  /** Signed 36 bits. */
  readonly start: number;
  /** Signed 16 bits. */
  readonly multiplier: number;
  readonly shift: number;
  /** 0 … 255 */
  readonly bias: number;
}

/** Dense values, row-major over `shape`; feature maps are planar: channels, height, width. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface ByteTensor {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Channels, height, width of one feature map. */
export interface MapShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** real = (byte − zeroPoint) · scale. The zero point may be a fraction where the chip allows it. */
export interface QuantizationParameters {
  readonly scale: number;
  readonly zeroPoint: number;
}

export function sizeOf(shape: MapShape): number {
  return shape.channels * shape.height * shape.width;
}

import type { QuantizationParameters } from '@graft/tensor';

/** byte · scale + bias in float32, as the device has it. */
export function dequantize(bytes: Uint8Array, encoding: QuantizationParameters): Float32Array {
  const { step, bias } = singlePrecision(encoding);
  const values = new Float32Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) values[index] = Math.fround(bytes[index] * step) + bias;
  return values;
}

/** The nearest byte, halves up, worked out in float32 as the device does it: (value − bias) · (1 / scale). */
export function quantizeValues(values: Float32Array, encoding: QuantizationParameters): Uint8Array {
  const { step, bias } = singlePrecision(encoding);
  const inverse = Math.fround(1 / step);
  const bytes = new Uint8ClampedArray(values.length);
  for (let index = 0; index < values.length; index++) {
    bytes[index] = Math.floor(Math.fround(Math.fround(values[index] - bias) * inverse) + 0.5);
  }
  return new Uint8Array(bytes.buffer);
}

/** The real value of byte 0, and of one step, as the file has them. */
function singlePrecision({ scale, zeroPoint }: QuantizationParameters) {
  return { step: Math.fround(scale), bias: Math.fround(-zeroPoint * scale) };
}

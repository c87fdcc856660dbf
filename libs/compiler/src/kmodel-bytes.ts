import type { KpuGeometry } from './kpu-program';

/** A layer of the file, as far as its size goes. */
export type BodyShape =
  | { readonly kind: 'convolution'; readonly name: string; readonly weights: number; readonly outputs: number }
  | { readonly kind: 'fullyConnected'; readonly name: string; readonly inputs: number; readonly units: number }
  | { readonly kind: keyof typeof PLAIN_BYTES; readonly name: string };

/** Bytes of one layer in the file, padding included. */
export interface BodySize {
  readonly name: string;
  readonly bytes: number;
}

export interface KModelSize {
  readonly bytes: number;
  readonly bodies: readonly BodySize[];
}

const HEADER_BYTES = 28;
const TABLE_ENTRY_BYTES = 8;
const REGISTER_BYTES = 96;
const ACTIVATION_BYTES = 144;
const PLAIN_BYTES = {
  quantize: 24,
  dequantize: 24,
  globalAveragePool: 20,
  quantizedMaxPool: 60,
  /** Of two values. */
  concat: 28,
  softmax: 16,
  logistic: 16,
  addPadding: 16,
  removePadding: 16,
} as const;

/** Size of a kmodel v3 with one output, to the byte: the format's padding depends on nothing but these sizes. */
export function kmodelSize(layers: readonly BodyShape[]): KModelSize {
  let end = HEADER_BYTES + TABLE_ENTRY_BYTES * (1 + layers.length);
  const bodies = layers.map((layer) => {
    const start = end;
    end = aligned(bodyEnd(layer, start), 8);
    return { name: layer.name, bytes: end - start };
  });
  return { bytes: end, bodies };
}

/** Registers stand at multiples of 8 of the file, weights and batch norm of 128, the activation table of 256. */
function bodyEnd(layer: BodyShape, start: number): number {
  if (layer.kind === 'fullyConnected') return start + 24 + 4 * (layer.inputs * layer.units + layer.units);
  if (layer.kind !== 'convolution') return start + PLAIN_BYTES[layer.kind];
  const weights = aligned(aligned(start + 24, 8) + REGISTER_BYTES, 128);
  const batchNorm = aligned(weights + layer.weights, 128);
  return aligned(batchNorm + 8 * layer.outputs, 256) + ACTIVATION_BYTES;
}

/** With 8-bit weights. */
export function convolutionBody(layer: KpuGeometry): BodyShape {
  return { kind: 'convolution', name: layer.name, weights: weightBytes(layer), outputs: layer.output.channels };
}

/** Of 8-bit weights, without padding. */
export function weightBytes({ kind, kernel, input, output }: KpuGeometry): number {
  const inputsPerOutput = kind === 'depthwise' ? 1 : input.channels;
  return output.channels * inputsPerOutput * kernel ** 2;
}

function aligned(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

import type { FloatTensor } from '@graft/tensor';

import { shardDoesNotFit, weightsUnreadable } from './errors';

/** Bytes of the files that a manifest names, by the path in it. */
export type Shards = ReadonlyMap<string, Uint8Array>;

interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

/** Tensors one after the other, little-endian, through all files of the group. */
export interface WeightsGroup {
  readonly paths: readonly string[];
  readonly weights: readonly TensorEntry[];
}

/** Bytes of one stored number. */
const ITEM_BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, uint16: 2, uint8: 1, bool: 1 };

/** Checks the shape of a `weightsManifest`. @throws GraftError E610 */
export function parseGroups(value: unknown, file: string): readonly WeightsGroup[] {
  if (!Array.isArray(value) || !value.every(isGroup)) throw weightsUnreadable(file, 'it is not a weights manifest');
  return value;
}

/** Every float tensor of the manifest; whole numbers are passed over. @throws GraftError E610, E611 */
export function readGroups(groups: readonly WeightsGroup[], shards: Shards, file: string): Map<string, FloatTensor> {
  const tensors = new Map<string, FloatTensor>();
  for (const group of groups) {
    const bytes = joined(group.paths, shards);
    let offset = 0;
    for (const entry of group.weights) {
      const length = entry.shape.reduce((product, side) => product * side, 1);
      const byteLength = length * itemBytes(entry, file);
      if (offset + byteLength > bytes.length)
        throw shardDoesNotFit(group.paths.join(', '), `ends before "${entry.name}"`);
      const stored = bytes.slice(offset, offset + byteLength);
      if (entry.dtype === 'float32') tensors.set(entry.name, { shape: entry.shape, data: decode(entry, stored) });
      offset += byteLength;
    }
    const rest = bytes.length - offset;
    if (rest !== 0) throw shardDoesNotFit(group.paths.join(', '), `has ${rest} bytes more than its manifest tells`);
  }
  return tensors;
}

function joined(paths: readonly string[], shards: Shards): Uint8Array {
  return Buffer.concat(
    paths.map((path) => {
      const bytes = shards.get(path);
      if (bytes === undefined) throw shardDoesNotFit(path, 'is missing');
      return bytes;
    }),
  );
}

function itemBytes(entry: TensorEntry, file: string): number {
  const bytes = ITEM_BYTES[entry.quantization?.dtype ?? entry.dtype];
  if (bytes === undefined) throw weightsUnreadable(file, `"${entry.name}" is stored in a form that is not known`);
  return bytes;
}

function decode({ quantization }: TensorEntry, stored: Uint8Array): Float32Array {
  const buffer = new Uint8Array(stored).buffer;
  if (quantization === undefined) return new Float32Array(buffer);
  const { scale = 1, min = 0 } = quantization;
  const numbers = quantization.dtype === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
  return Float32Array.from(numbers, (number) => number * scale + min);
}

function isGroup(value: unknown): value is WeightsGroup {
  if (!isRecord(value) || !Array.isArray(value.paths) || !Array.isArray(value.weights)) return false;
  return value.paths.every((path) => typeof path === 'string') && value.weights.every(isEntry);
}

function isEntry(value: unknown): boolean {
  if (!isRecord(value) || typeof value.name !== 'string' || typeof value.dtype !== 'string') return false;
  return Array.isArray(value.shape) && value.shape.every((side) => Number.isInteger(side) && side >= 0);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

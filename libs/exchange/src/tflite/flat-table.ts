import type { Builder } from 'flatbuffers';
import type { Offset } from 'flatbuffers';

/** A field of a table: where it stands, what it is, its value. Offsets are of things that are written already. */
export type FlatField = readonly [slot: number, kind: 'int8' | 'int32' | 'float32' | 'offset', value: number];

/** Writes a table. Fields that are 0 are left out, which every schema here reads as 0. */
export function writeTable(out: Builder, fields: readonly FlatField[]): Offset {
  out.startObject(fields.reduce((slots, [slot]) => Math.max(slots, slot + 1), 0));
  for (const [slot, kind, value] of fields) {
    if (kind === 'int8') out.addFieldInt8(slot, value, 0);
    else if (kind === 'int32') out.addFieldInt32(slot, value, 0);
    else if (kind === 'float32') out.addFieldFloat32(slot, value, 0);
    else out.addFieldOffset(slot, value, 0);
  }
  return out.endObject();
}

export function writeOffsets(out: Builder, offsets: readonly Offset[]): Offset {
  out.startVector(4, offsets.length, 4);
  for (const offset of [...offsets].reverse()) out.addOffset(offset);
  return out.endVector();
}

export function writeInt32s(out: Builder, values: readonly number[]): Offset {
  out.startVector(4, values.length, 4);
  for (const value of [...values].reverse()) out.addInt32(value);
  return out.endVector();
}

export function writeFloat32s(out: Builder, values: ArrayLike<number>): Offset {
  out.startVector(4, values.length, 4);
  for (let at = values.length - 1; at >= 0; at--) out.addFloat32(values[at]);
  return out.endVector();
}

export function writeInt64s(out: Builder, values: ArrayLike<number>): Offset {
  out.startVector(8, values.length, 8);
  for (let at = values.length - 1; at >= 0; at--) out.addInt64(BigInt(values[at]));
  return out.endVector();
}

export function writeBytes(out: Builder, bytes: Uint8Array, alignment: number): Offset {
  out.startVector(1, bytes.length, alignment);
  out.pad(bytes.length);
  const all = out.dataBuffer().bytes();
  // A flat buffer grows from its end to its beginning.
  all.set(bytes, all.length - out.offset());
  return out.endVector();
}

import { ByteError } from '@graft/foundation';
import type { ByteReader, ByteWriter } from '@graft/foundation';

import { valueDoesNotFit } from './errors';

/** One field of a record. Its length may depend on the fields before it (`record`). */
export interface Field<Value, Whole = unknown> {
  read(reader: ByteReader, record: Whole): Value;
  /** Whether the value can be written; otherwise `write` would lose something. */
  fits(value: Value, record: Whole): boolean;
  write(writer: ByteWriter, value: Value): void;
}

/** A record: its fields in file order, stated once for both directions. */
export interface Layout<T> {
  read(reader: ByteReader): T;
  /** @throws GraftError E355 when a value does not fit its field. */
  write(writer: ByteWriter, record: T): void;
}

export function layout<T extends object>(fields: { readonly [K in keyof T]-?: Field<T[K], T> }): Layout<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return {
    read(reader) {
      const record: Partial<T> = {};
      // Fields only look at those before them, so the unfinished record is enough for them.
      for (const name of names) record[name] = fields[name].read(reader, record as T);
      return record as T;
    },
    write(writer, record) {
      for (const name of names) {
        if (!fields[name].fits(record[name], record)) throw valueDoesNotFit(name, record[name]);
        fields[name].write(writer, record[name]);
      }
    },
  };
}

export const u32: Field<number> = {
  read: (reader) => reader.u32(),
  fits: (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32,
  write: (writer, value) => writer.u32(value),
};

export const i32: Field<number> = {
  read: (reader) => reader.i32(),
  fits: (value) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31,
  write: (writer, value) => writer.i32(value),
};

export const f32: Field<number> = {
  read: (reader) => reader.f32(),
  fits: (value) => Object.is(Math.fround(value), value),
  write: (writer, value) => writer.f32(value),
};

export function byteArray<Whole>(length: (record: Whole) => number): Field<Uint8Array, Whole> {
  return {
    read: (reader, record) => new Uint8Array(reader.slice(length(record))),
    fits: (value, record) => value.length === length(record),
    write: (writer, value) => writer.bytes(value),
  };
}

/** float32 values, bit by bit. */
export function floatArray<Whole>(length: (record: Whole) => number): Field<Float32Array, Whole> {
  return {
    // The platforms of Node are little-endian, as the file is. A copy, since the slice may be misaligned.
    read: (reader, record) => new Float32Array(new Uint8Array(reader.slice(4 * length(record))).buffer),
    fits: (value, record) => value.length === length(record),
    write: (writer, value) => writer.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
  };
}

export function records<Item, Whole>(
  item: Layout<Item>,
  length: (record: Whole) => number,
): Field<readonly Item[], Whole> {
  return {
    read: (reader, record) => readMany(reader, item, length(record)),
    fits: (value, record) => value.length === length(record),
    write: (writer, value) => value.forEach((one) => item.write(writer, one)),
  };
}

/** Records behind their number. */
export function countedRecords<Item>(item: Layout<Item>): Field<readonly Item[]> {
  return {
    read: (reader) => readMany(reader, item, reader.u32()),
    fits: () => true,
    write: (writer, value) => {
      writer.u32(value.length);
      value.forEach((one) => item.write(writer, one));
    },
  };
}

function readMany<Item>(reader: ByteReader, item: Layout<Item>, count: number): Item[] {
  // Every record takes at least one byte: a count beyond that is nonsense and would only cost time.
  if (count > reader.remaining) {
    throw new ByteError(reader.offset, `${count} records wanted, ${reader.remaining} bytes left`);
  }
  return Array.from({ length: count }, () => item.read(reader));
}

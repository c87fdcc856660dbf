import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** How one value stands on the wire. */
interface Codec<T> {
  readonly wire: WireType;
  readonly write: (writer: BinaryWriter, value: T) => void;
  readonly read: (reader: BinaryReader) => T;
}

/** A field of a message: its number, and how many values it has. */
interface Field<T> {
  readonly empty: () => T;
  readonly number: number;
  readonly write: (writer: BinaryWriter, value: T) => void;
  /** What stands there after one more occurrence. */
  readonly read: (reader: BinaryReader, wire: WireType, before: T) => T;
}

/** A message: a codec that also knows the value in which nothing is set. */
interface MessageCodec<M> extends Codec<M> {
  readonly empty: () => M;
}

type FieldsOf<M> = { readonly [K in keyof M]: Field<M[K]> };

/** The value that a table of fields describes. */
export type MessageOf<C> = C extends Codec<infer T> ? T : never;

export const text: Codec<string> = {
  wire: WireType.LengthDelimited,
  write: (writer, value) => void writer.string(value),
  read: (reader) => reader.string(),
};

export const block: Codec<Uint8Array> = {
  wire: WireType.LengthDelimited,
  write: (writer, value) => void writer.bytes(value),
  read: (reader) => reader.bytes(),
};

/** int32, int64 and enums. A number that is no safe integer comes back as NaN, which fits nothing. */
export const integer: Codec<number> = {
  wire: WireType.Varint,
  write: (writer, value) => void writer.int64(value),
  read: (reader) => {
    const value = Number(reader.int64());
    return Number.isSafeInteger(value) ? value : Number.NaN;
  },
};

export const float: Codec<number> = {
  wire: WireType.Bit32,
  write: (writer, value) => void writer.float(value),
  read: (reader) => reader.float(),
};

/** A value that may be absent: the last one counts. */
export const maybe = <T>(number: number, codec: Codec<T>): Field<T | undefined> => ({
  number,
  empty: () => undefined,
  write: (writer, value) => {
    if (value !== undefined) codec.write(writer.tag(number, codec.wire), value);
  },
  read: (reader, wire) => (expectWire(number, codec, wire), codec.read(reader)),
});

/** Any number of values; packed numbers are read as well. */
export const many = <T>(number: number, codec: Codec<T>): Field<readonly T[]> => ({
  number,
  empty: () => [],
  write: (writer, values) => values.forEach((value) => codec.write(writer.tag(number, codec.wire), value)),
  read: (reader, wire, before) => {
    const values = before as T[];
    if (wire === WireType.LengthDelimited && codec.wire !== wire) {
      const packed = new BinaryReader(reader.bytes());
      while (packed.pos < packed.len) values.push(codec.read(packed));
    } else {
      expectWire(number, codec, wire);
      values.push(codec.read(reader));
    }
    return values;
  },
});

/** A message with these fields. Fields that are not named are passed over when it is read. */
export function message<M extends object>(fields: FieldsOf<M>): MessageCodec<M> {
  const keys = Object.keys(fields) as (keyof M)[];
  const byNumber = new Map(keys.map((key) => [fields[key].number, key]));
  const empty = (): M => {
    const value: Partial<M> = {};
    for (const key of keys) value[key] = fields[key].empty();
    return value as M;
  };
  const read = (reader: BinaryReader): M => {
    const value = empty();
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      const key = byNumber.get(number);
      if (key === undefined) reader.skip(wire, number);
      else value[key] = fields[key].read(reader, wire, value[key]);
    }
    return value;
  };
  return {
    wire: WireType.LengthDelimited,
    empty,
    write: (writer, value) => {
      writer.fork();
      for (const key of keys) fields[key].write(writer, value[key]);
      writer.join();
    },
    read: (reader) => read(new BinaryReader(reader.bytes())),
  };
}

/** The bytes of a message that stands for itself. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new BinaryWriter();
  codec.write(writer, value);
  // A message writes its length in front, which only nested ones have.
  return new BinaryReader(writer.finish()).bytes();
}

/** @throws RangeError or Error where the bytes are no such message */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const length = new BinaryWriter().uint32(bytes.length).finish();
  return codec.read(new BinaryReader(Buffer.concat([length, bytes])));
}

function expectWire<T>(number: number, { wire }: Codec<T>, found: WireType): void {
  if (found !== wire) throw new RangeError(`field ${number} has wire type ${found} in place of ${wire}`);
}

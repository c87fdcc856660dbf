import { GraftError } from '@graft/foundation';

export type ArchiveArray = Float32Array | Float64Array | Int32Array | Uint8Array;
type ArrayType = 'float32' | 'float64' | 'int32' | 'uint8';

/** Where one array stands in the binary part. Offsets are multiples of 8. */
export interface ArchiveEntry {
  readonly name: string;
  readonly type: ArrayType;
  readonly length: number;
  readonly offset: number;
}

export interface Archive {
  readonly entries: readonly ArchiveEntry[];
  readonly bytes: Uint8Array;
}

const ITEM_BYTES = { float32: 4, float64: 8, int32: 4, uint8: 1 } as const;

/** Puts named arrays into one binary block (little-endian) and a table that can be read by people. */
export function packArrays(arrays: Readonly<Record<string, ArchiveArray>>): Archive {
  const entries: ArchiveEntry[] = [];
  let offset = 0;
  for (const [name, array] of Object.entries(arrays)) {
    entries.push({ name, type: typeOf(array), length: array.length, offset });
    offset += Math.ceil(array.byteLength / 8) * 8;
  }
  const bytes = new Uint8Array(offset);
  Object.values(arrays).forEach((array, index) => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), entries[index].offset);
  });
  return { entries, bytes };
}

/** Copies every array out of the block. @throws GraftError E510 when the table and the block do not fit together. */
export function unpackArrays(archive: Archive): Record<string, ArchiveArray> {
  const unpacked = archive.entries.map((entry): [string, ArchiveArray] => {
    const byteLength = entry.length * (ITEM_BYTES[entry.type] ?? Number.NaN);
    if (!(entry.offset >= 0 && entry.offset + byteLength <= archive.bytes.length)) {
      throw new GraftError('E510', {
        message: `array "${entry.name}" does not lie inside its ${archive.bytes.length}-byte block`,
        hint: 'the file was cut or mixed up with another; delete the stage folder and run the stage again',
      });
    }
    // Not `slice`: on a Buffer that is a view into a pool, and the arrays below would take the whole pool.
    const copy = new Uint8Array(archive.bytes.subarray(entry.offset, entry.offset + byteLength));
    return [entry.name, arrayOf(entry.type, copy)];
  });
  // Not by assignment: a name may be "__proto__", and assigning it would set the prototype and lose the array.
  return Object.fromEntries(unpacked);
}

function typeOf(array: ArchiveArray): ArrayType {
  if (array instanceof Float32Array) return 'float32';
  if (array instanceof Float64Array) return 'float64';
  if (array instanceof Int32Array) return 'int32';
  return 'uint8';
}

function arrayOf(type: ArrayType, bytes: Uint8Array<ArrayBuffer>): ArchiveArray {
  switch (type) {
    case 'float32':
      return new Float32Array(bytes.buffer);
    case 'float64':
      return new Float64Array(bytes.buffer);
    case 'int32':
      return new Int32Array(bytes.buffer);
    case 'uint8':
      return bytes;
  }
}

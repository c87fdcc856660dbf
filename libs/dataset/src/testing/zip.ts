import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly path: string;
  readonly content?: Uint8Array | string;
  /** `st_mode`, for the upper half of the external attributes. */
  readonly mode?: number;
  /** Bit 0: encrypted. */
  readonly flags?: number;
  readonly stored?: boolean;
  /** What the central directory says instead of the truth. */
  readonly lies?: {
    readonly size?: number;
    readonly crc32?: number;
    readonly method?: number;
    readonly offset?: number;
  };
}

/** A zip file, entry by entry as told: what a packing tool would refuse to write is written here (APPNOTE 4.3). */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content = '', mode = 0o100644, flags = 0, stored = false, lies = {} } of entries) {
    const name = Buffer.from(path);
    const bytes = Buffer.from(content);
    const packed = stored ? bytes : deflateRawSync(bytes);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0); // version needed
    facts.writeUInt16LE(flags | 0x800, 2); // names are UTF-8
    facts.writeUInt16LE(lies.method ?? (stored ? 0 : 8), 4);
    facts.writeUInt32LE(lies.crc32 ?? crc32(bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(lies.size ?? bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    files.push(Buffer.from('PK\u0003\u0004', 'latin1'), facts, name, packed);
    const place = Buffer.alloc(14);
    place.writeUInt32LE((mode << 16) >>> 0, 6);
    place.writeUInt32LE(lies.offset ?? offset, 10);
    const unix = Buffer.from([20, 3]); // made by version 2.0 on Unix
    directory.push(Buffer.from('PK\u0001\u0002', 'latin1'), unix, facts, place, name);
    offset += 4 + facts.length + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, listed, Buffer.from('PK\u0005\u0006', 'latin1'), end]);
}

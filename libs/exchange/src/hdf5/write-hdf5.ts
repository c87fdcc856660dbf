import { ByteWriter } from '@graft/foundation';

import { lookup3 } from './checksum';

/** Numbers in a file, row-major. */
export interface Hdf5Dataset {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Hdf5Group = ReadonlyMap<string, Hdf5Group | Hdf5Dataset>;

const SUPERBLOCK_BYTES = 48;
/** "No such address". */
const NOWHERE = 0xffff_ffff_ffff_ffffn;
const SIGNATURE = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
const MESSAGES = { dataspace: 1, linkInfo: 2, datatype: 3, fillValue: 5, link: 6, layout: 8, groupInfo: 10 } as const;

/**
 * An HDF5 file of groups and float32 numbers (HDF5 File Format Specification 3.0: superblock 2, object headers 2, links in the
 * headers, contiguous data). It has no times, which a header of this version may leave out: equal content gives equal bytes.
 */
export function writeHdf5(root: Hdf5Group): Uint8Array {
  const body = new ByteWriter();
  const address = writeGroup(body, root);
  const head = new ByteWriter();
  head.bytes(SIGNATURE);
  // Version 2, eight bytes for addresses and for lengths, no flags.
  head.bytes(Uint8Array.of(2, 8, 8, 0));
  for (const place of [0n, NOWHERE, BigInt(SUPERBLOCK_BYTES + body.length), address]) head.u64(place);
  head.u32(lookup3(head.finish()));
  return Buffer.concat([head.finish(), body.finish()]);
}

const isDataset = (node: Hdf5Group | Hdf5Dataset): node is Hdf5Dataset => 'shape' in node;

/** Children first: a group names the addresses of what it holds. @returns its own address */
function writeGroup(body: ByteWriter, group: Hdf5Group): bigint {
  const links = [...group].map(([name, node]) =>
    message(MESSAGES.link, (out) => {
      const label = Buffer.from(name);
      out.bytes(Uint8Array.of(1, 0, label.length));
      out.bytes(label);
      out.u64(isDataset(node) ? writeDataset(body, node) : writeGroup(body, node));
    }),
  );
  const info = message(MESSAGES.linkInfo, (out) => {
    out.bytes(Uint8Array.of(0, 0));
    // Neither a heap nor an index: all links stand in the header.
    out.u64(NOWHERE);
    out.u64(NOWHERE);
  });
  const groupInfo = message(MESSAGES.groupInfo, (out) => out.bytes(Uint8Array.of(0, 0)));
  return writeHeader(body, [info, groupInfo, ...links]);
}

function writeDataset(body: ByteWriter, { shape, data }: Hdf5Dataset): bigint {
  body.align(8);
  const address = BigInt(SUPERBLOCK_BYTES + body.length);
  body.bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return writeHeader(body, [
    message(MESSAGES.dataspace, (out) => {
      // Version 2, as many dimensions, sizes fixed, a simple one.
      out.bytes(Uint8Array.of(2, shape.length, 0, 1));
      for (const side of shape) out.u64(BigInt(side));
    }),
    message(MESSAGES.datatype, (out) => {
      // Version 1 of class 1; little-endian, leading 1 left out, sign in bit 31.
      out.bytes(Uint8Array.of(0x11, 0x20, 31, 0));
      out.u32(4);
      // First bit and number of bits; exponent: 8 bits from bit 23; fraction: 23 bits from bit 0.
      out.bytes(Uint8Array.of(0, 0, 32, 0, 23, 8, 0, 23));
      out.u32(127);
    }),
    // Version 3, space from late on, written where one is set; none is.
    message(MESSAGES.fillValue, (out) => out.bytes(Uint8Array.of(3, 0x0a))),
    message(MESSAGES.layout, (out) => {
      // Version 3, in one piece.
      out.bytes(Uint8Array.of(3, 1));
      out.u64(address);
      out.u64(BigInt(data.byteLength));
    }),
  ]);
}

function message(type: number, fill: (out: ByteWriter) => void): Uint8Array {
  const content = new ByteWriter();
  fill(content);
  const bytes = content.finish();
  return Buffer.concat([Uint8Array.of(type, bytes.length & 0xff, bytes.length >> 8, 0), bytes]);
}

/** @returns its address */
function writeHeader(body: ByteWriter, messages: readonly Uint8Array[]): bigint {
  const all = Buffer.concat(messages);
  const header = new ByteWriter();
  // Version 2; its size in four bytes, no times.
  header.bytes(Buffer.from('OHDR\u0002\u0002', 'latin1'));
  header.u32(all.length);
  header.bytes(all);
  header.u32(lookup3(header.finish()));
  body.align(8);
  const address = BigInt(SUPERBLOCK_BYTES + body.length);
  body.bytes(header.finish());
  return address;
}

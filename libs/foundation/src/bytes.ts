import { GraftError } from './errors';

/** A read past the end, or a value that cannot stand where it stands. Carries the byte offset. */
export class ByteError extends GraftError {
  constructor(
    readonly offset: number,
    message: string,
    hint?: string,
    code = 'E350',
  ) {
    super(code, { message: `${message} (at byte ${offset})`, ...(hint === undefined ? {} : { hint }) });
    this.name = 'ByteError';
  }
}

/** Little-endian reader that checks bounds in one place. */
export class ByteReader {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    public offset = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  f32(): number {
    return this.view.getFloat32(this.take(4), true);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  /** A view, not a copy. */
  slice(length: number): Uint8Array {
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  private take(length: number): number {
    const start = this.offset;
    if (length < 0 || start < 0 || start + length > this.bytes.length) {
      throw new ByteError(start, `the file ends early: ${length} bytes wanted, ${Math.max(0, this.remaining)} left`);
    }
    this.offset = start + length;
    return start;
  }
}

/** Little-endian writer. Sizes known only later are reserved by writing zeros and patched. */
export class ByteWriter {
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  length = 0;

  u8(value: number): void {
    const at = this.grow(1);
    this.view.setUint8(at, value);
  }

  u32(value: number): void {
    const at = this.grow(4);
    this.view.setUint32(at, value, true);
  }

  i32(value: number): void {
    const at = this.grow(4);
    this.view.setInt32(at, value, true);
  }

  f32(value: number): void {
    const at = this.grow(4);
    this.view.setFloat32(at, value, true);
  }

  u64(value: bigint): void {
    const at = this.grow(8);
    this.view.setBigUint64(at, value, true);
  }

  bytes(data: Uint8Array): void {
    const at = this.grow(data.length);
    this.buffer.set(data, at);
  }

  /** Appends zeros up to the next multiple of `alignment`. */
  align(alignment: number): void {
    const rest = this.length % alignment;
    if (rest !== 0) this.grow(alignment - rest);
  }

  /** Overwrites four bytes that were written before. */
  patchU32(offset: number, value: number): void {
    if (offset + 4 > this.length) throw new Error(`internal: patch at ${offset} past the end ${this.length}`);
    this.view.setUint32(offset, value, true);
  }

  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private grow(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.length, this.buffer.length * 2));
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}

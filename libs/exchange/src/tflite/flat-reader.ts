import { brokenTflite } from '../errors';

const SIZE_OF_LENGTH = 4;
const TEXT = new TextDecoder();

/** Bytes of a flat buffer. Every look at them is checked: what points outside is E845 with its place. */
export class FlatView {
  private readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws GraftError E845 */
  demand(at: number, size: number, what: string): void {
    if (!(at >= 0 && at + size <= this.bytes.length))
      throw brokenTflite(at, `${what} of ${size} bytes does not fit a file of ${this.bytes.length}`);
  }

  uint8(at: number): number {
    this.demand(at, 1, 'a byte');
    return this.view.getUint8(at);
  }

  uint16(at: number): number {
    this.demand(at, 2, 'a number');
    return this.view.getUint16(at, true);
  }

  uint32(at: number): number {
    this.demand(at, 4, 'a number');
    return this.view.getUint32(at, true);
  }

  int32(at: number): number {
    this.demand(at, 4, 'a number');
    return this.view.getInt32(at, true);
  }

  float32(at: number): number {
    this.demand(at, 4, 'a number');
    return this.view.getFloat32(at, true);
  }

  int64(at: number): number {
    this.demand(at, 8, 'a number');
    return Number(this.view.getBigInt64(at, true));
  }

  /** Where the offset at a place leads. */
  follow(at: number): number {
    return at + this.uint32(at);
  }
}

/** A table: fields by slot, absent ones as their default of 0, of nothing, or undefined. */
export class FlatTable {
  private readonly slots: number;
  private readonly list: number;

  /** @param at where it stands, for messages too @throws GraftError E845 */
  constructor(
    private readonly view: FlatView,
    readonly at: number,
  ) {
    this.list = at - view.int32(at);
    const size = view.uint16(this.list);
    if (size < 4 || size % 2 !== 0) throw brokenTflite(this.list, `a list of fields cannot have ${size} bytes`);
    view.demand(this.list, size, 'a list of fields');
    this.slots = (size - 4) / 2;
  }

  /** @throws GraftError E845 */
  static root(view: FlatView): FlatTable {
    return new FlatTable(view, view.follow(0));
  }

  uint8(slot: number): number {
    return this.read(slot, (at) => this.view.uint8(at)) ?? 0;
  }

  int32(slot: number): number {
    return this.read(slot, (at) => this.view.int32(at)) ?? 0;
  }

  uint32(slot: number): number {
    return this.read(slot, (at) => this.view.uint32(at)) ?? 0;
  }

  float32(slot: number): number {
    return this.read(slot, (at) => this.view.float32(at)) ?? 0;
  }

  text(slot: number): string {
    return TEXT.decode(this.bytes(slot));
  }

  table(slot: number): FlatTable | undefined {
    return this.read(slot, (at) => new FlatTable(this.view, this.view.follow(at)));
  }

  /** A view, not a copy; empty where absent. */
  bytes(slot: number): Uint8Array {
    const { start, length } = this.vector(slot, 1, Number.POSITIVE_INFINITY);
    return this.view.bytes.subarray(start, start + length);
  }

  /** @param most more than that is refused @throws GraftError E845 */
  tables(slot: number, most: number): FlatTable[] {
    return this.entries(slot, 4, most, (at) => new FlatTable(this.view, this.view.follow(at)));
  }

  int32s(slot: number, most: number): number[] {
    return this.entries(slot, 4, most, (at) => this.view.int32(at));
  }

  float32s(slot: number, most: number): number[] {
    return this.entries(slot, 4, most, (at) => this.view.float32(at));
  }

  int64s(slot: number, most: number): number[] {
    return this.entries(slot, 8, most, (at) => this.view.int64(at));
  }

  private read<T>(slot: number, from: (at: number) => T): T | undefined {
    const offset = slot < this.slots ? this.view.uint16(this.list + 4 + 2 * slot) : 0;
    return offset === 0 ? undefined : from(this.at + offset);
  }

  private entries<T>(slot: number, size: number, most: number, from: (at: number) => T): T[] {
    const { start, length } = this.vector(slot, size, most);
    return Array.from({ length }, (_, index) => from(start + index * size));
  }

  private vector(slot: number, size: number, most: number): { readonly start: number; readonly length: number } {
    const at = this.read(slot, (place) => this.view.follow(place));
    if (at === undefined) return { start: 0, length: 0 };
    const length = this.view.uint32(at);
    if (length > most) throw brokenTflite(at, `a list of ${length} entries; ${most} is the most`);
    this.view.demand(at + SIZE_OF_LENGTH, length * size, 'a list');
    return { start: at + SIZE_OF_LENGTH, length };
  }
}

/**
 * A WebAssembly module with one function over its own memory, written instruction by instruction: just what a small
 * kernel needs. Sections and opcodes as in the WebAssembly core specification 2.0 (binary format; vector instructions).
 */
const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY_BLOCK = 0x40;

/** Instructions in the order in which they run. Locals are numbered from the first parameter on. */
export class Code {
  readonly bytes: number[] = [];

  get(local: number): this {
    return this.put(0x20, ...unsigned(local));
  }
  set(local: number): this {
    return this.put(0x21, ...unsigned(local));
  }
  /** Sets and keeps the value on the stack. */
  tee(local: number): this {
    return this.put(0x22, ...unsigned(local));
  }
  constant(value: number): this {
    return this.put(0x41, ...signed(value));
  }
  add(): this {
    return this.put(0x6a);
  }
  subtract(): this {
    return this.put(0x6b);
  }
  multiply(): this {
    return this.put(0x6c);
  }
  /** local += constant */
  advance(local: number, by: number): this {
    return this.get(local).constant(by).add().set(local);
  }
  /** Runs `body` until the counting local, one less each time, is 0; it must not be 0 before. */
  repeat(counter: number, body: (code: this) => void): this {
    this.put(0x03, EMPTY_BLOCK);
    body(this);
    return this.get(counter).constant(1).subtract().tee(counter).put(0x0d, 0, 0x0b);
  }
  loadVector(offset: number): this {
    return this.put(0xfd, 0, 3, ...unsigned(offset));
  }
  /** One float64 in both lanes. */
  loadSplat(offset: number): this {
    return this.put(0xfd, 0x0a, 3, ...unsigned(offset));
  }
  storeVector(offset: number): this {
    return this.put(0xfd, 0x0b, 3, ...unsigned(offset));
  }
  zeroVector(): this {
    return this.put(0xfd, 0x0c, ...new Array<number>(16).fill(0));
  }
  addFloats(): this {
    return this.put(0xfd, 0xf0, 0x01);
  }
  multiplyFloats(): this {
    return this.put(0xfd, 0xf2, 0x01);
  }

  private put(...bytes: readonly number[]): this {
    this.bytes.push(...bytes);
    return this;
  }
}

/** A module that exports `run`, a function of whole numbers without a result, and its `memory`. */
export function moduleOf(parameters: number, locals: { integers: number; vectors: number }, code: Code): Uint8Array {
  const declared = [2, ...unsigned(locals.integers), I32, ...unsigned(locals.vectors), V128];
  const body = [...declared, ...code.bytes, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, ...unsigned(parameters), ...new Array<number>(parameters).fill(I32), 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...named('run'), 0, 0, ...named('memory'), 2, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function named(name: string): number[] {
  return [...unsigned(name.length), ...Buffer.from(name)];
}

/** LEB128 */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

function signed(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  const last = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return last ? [low] : [low + 128, ...signed(rest)];
}

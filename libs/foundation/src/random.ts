import { createHash } from 'node:crypto';

/**
 * Seeded random numbers (sfc32). A stream is named by its seed and a path of names, so that every use draws from
 * its own stream and one use more or less never shifts another.
 */
export class Random {
  private constructor(
    private a: number,
    private b: number,
    private c: number,
    private counter: number,
  ) {}

  static of(seed: number, ...names: readonly (string | number)[]): Random {
    const digest = createHash('sha256')
      .update(JSON.stringify([seed, ...names]))
      .digest();
    const random = new Random(digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), 1);
    for (let round = 0; round < 12; round++) random.uint32();
    return random;
  }

  /** Four numbers from which `resume` goes on where this stream stands. */
  state(): Int32Array {
    return Int32Array.of(this.a, this.b, this.c, this.counter);
  }

  resume([a, b, c, counter]: Int32Array): void {
    [this.a, this.b, this.c, this.counter] = [a, b, c, counter];
  }

  /** Goes on as if so many numbers had been drawn. */
  skip(numbers: number): void {
    for (let skipped = 0; skipped < numbers; skipped++) this.uint32();
  }

  /** 0 … 2³² − 1. */
  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum >>> 0;
  }

  /** 0 ≤ x < 1. */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  /** low ≤ x < high. */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** 0 … count − 1. */
  integer(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A new array in random order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
  }
}

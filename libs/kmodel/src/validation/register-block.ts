import type { Findings } from './finding';

/** The 12 words of a convolution, as bits; docs/formats/kmodel-v3.md, "Convolution". */
export class RegisterBlock {
  private readonly words: readonly bigint[];

  /** The 96 bytes at `at` are known to be there. */
  constructor(
    private readonly findings: Findings,
    view: DataView,
    private readonly at: number,
  ) {
    this.words = Array.from({ length: 12 }, (_, index) => view.getBigUint64(at + 8 * index, true));
  }

  /** File offset of a word. */
  offset(word: number): number {
    return this.at + 8 * word;
  }

  bits(word: number, from: number, count: number): number {
    return Number(BigInt.asUintN(count, this.words[word] >> BigInt(from)));
  }

  signedBits(word: number, from: number, count: number): number {
    return Number(BigInt.asIntN(count, this.words[word] >> BigInt(from)));
  }

  expect(rule: string, word: number, from: number, count: number, wanted: number): void {
    this.findings.expect(rule, this.offset(word), rule, this.bits(word, from, count), wanted);
  }

  /** Bits outside of the mask must be zero. */
  expectZeroBeside(word: number, named: bigint): void {
    if ((this.words[word] & ~named) === 0n) return;
    this.findings.error('register-reserved', this.offset(word), `word ${word} has bits set that have no meaning`);
  }
}

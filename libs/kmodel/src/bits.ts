import { valueDoesNotFit } from './errors';

/** Where a number stands in a run of 64-bit words. */
export interface BitField {
  readonly word: number;
  /** Lowest bit. */
  readonly at: number;
  readonly bits: number;
  readonly signed: boolean;
}

export type BitTable<T> = { readonly [K in keyof T]-?: BitField };

export const unsigned = (word: number, at: number, bits = 1): BitField => ({ word, at, bits, signed: false });
export const signed = (word: number, at: number, bits: number): BitField => ({ word, at, bits, signed: true });

/** Takes every number of the table out of the words. Bits that the table does not name are not looked at. */
export function unpackBits<T>(table: BitTable<T>, words: readonly bigint[]): Record<keyof T, number> {
  const values: Partial<Record<keyof T, number>> = {};
  for (const name of namesOf(table)) {
    const { word, at, bits, signed: isSigned } = table[name];
    const raw = words[word] >> BigInt(at);
    values[name] = Number(isSigned ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw));
  }
  return values as Record<keyof T, number>;
}

/** @throws GraftError E355 when a number has more bits than its field. */
export function packBits<T>(table: BitTable<T>, values: Record<keyof T, number>, wordCount: number): bigint[] {
  const words = Array.from({ length: wordCount }, () => 0n);
  for (const name of namesOf(table)) {
    const field = table[name];
    if (!fits(values[name], field)) throw valueDoesNotFit(name, values[name]);
    words[field.word] |= BigInt.asUintN(field.bits, BigInt(values[name])) << BigInt(field.at);
  }
  return words;
}

function fits(value: number, { bits, signed: isSigned }: BitField): boolean {
  const low = isSigned ? -(2 ** (bits - 1)) : 0;
  return Number.isInteger(value) && value >= low && value < low + 2 ** bits;
}

function namesOf<T>(table: BitTable<T>): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}

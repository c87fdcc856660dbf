import type { QuantizedAddLayer } from '@graft/kmodel';

import { roundingShift } from './activation';
import { badParameter } from './errors';
import type { MainMemory } from './memory';

/** The firmware works in blocks of this many bytes and so goes past the end. */
const BLOCK = 8;

/** out = clamp(round(t · multiplier, shift) + offset), t = the sum of both inputs, each offset, multiplied, shifted. */
export function quantizedAdd(layer: QuantizedAddLayer, memory: MainMemory, where: string): Uint8Array {
  const { shiftA, shiftB, outputShift } = layer;
  checkShifts({ shiftA, shiftB, outputShift }, where);
  const count = Math.ceil(layer.count / BLOCK) * BLOCK;
  const a = memory.bytes(where, layer.inputA, count);
  const b = memory.bytes(where, layer.inputB, count);
  const output = memory.bytes(where, layer.output, count);
  const termsA = productsOf(layer.offsetA, layer.multiplierA);
  const termsB = productsOf(layer.offsetB, layer.multiplierB);
  // With equal shifts the firmware shifts the sum, which keeps the carry of the low bits.
  const sum =
    shiftA === shiftB
      ? (left: bigint, right: bigint) => (left + right) >> BigInt(shiftA)
      : (left: bigint, right: bigint) => (left >> BigInt(shiftA)) + (right >> BigInt(shiftB));
  for (let index = 0; index < count; index++) {
    const scaled = sum(termsA[a[index]], termsB[b[index]]) * BigInt(layer.outputMultiplier);
    const value = roundingShift(scaled, outputShift, 'A') + BigInt(layer.outputOffset);
    output[index] = value < 0n ? 0 : value > 255n ? 255 : Number(value);
  }
  return output.subarray(0, layer.count);
}

/** (byte + offset) · multiplier for every byte. */
function productsOf(offset: number, multiplier: number): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => BigInt(byte + offset) * BigInt(multiplier));
}

function checkShifts(shifts: Readonly<Record<string, number>>, where: string): void {
  for (const [name, shift] of Object.entries(shifts)) {
    if (shift < 0 || shift > 63) throw badParameter(where, name, shift);
  }
}

import type { ActivationSegment, BatchNormEntry } from '@graft/kmodel';

import { finishExactly } from './activation';
import type { Rounding } from './activation';

// Looking up a global in the innermost loop costs dearly where code runs in a sandbox.
const { floor } = Math;

/** Integers up to here are exact in a double. */
const EXACT = 2 ** 53;
/** Up to this shift, adding one half keeps the sum exact. */
const MAX_FAST_SHIFT = 40;

/** The part of the number line on which one segment of the activation acts, with its numbers ready for use. */
interface Piece {
  /** low ≤ value < high */
  readonly low: number;
  readonly high: number;
  readonly start: number;
  readonly multiplier: number;
  readonly bias: number;
  /** 2^−shift */
  readonly factor: number;
  /** Half of the last kept bit; 0 without a shift. */
  readonly half: number;
  /** Products from here on, and below 0, go the exact way. */
  readonly limit: number;
}

/** Turns sums of a convolution into bytes, for one layer. */
export interface Finisher {
  /** output[outputAt + i] = byte of (sums[sumsAt + i] + constant) for output channel `channel`. */
  finish(row: FinishRow): void;
}

export interface FinishRow {
  readonly channel: number;
  readonly sums: Float64Array;
  readonly sumsAt: number;
  readonly count: number;
  readonly constant: number;
  readonly output: Uint8Array;
  readonly outputAt: number;
}

/** The same results as `finishExactly`, in doubles; what does not fit into 53 bits goes the exact way. */
export function createFinisher(
  batchNorm: readonly BatchNormEntry[],
  table: readonly ActivationSegment[],
  rounding: Rounding,
): Finisher {
  const pieces = piecesOf(table, rounding);
  const toEven = rounding === 'B';
  return {
    finish({ channel, sums, sumsAt, count, constant, output, outputAt }) {
      const norm = batchNorm[channel];
      const { multiplier, add } = norm;
      const factor = 2 ** -norm.shift;
      const exactly = (sum: number): number => finishExactly(BigInt(sum), norm, table, rounding);
      let piece = pieces[0];
      for (let index = 0; index < count; index++) {
        const sum = sums[sumsAt + index] + constant;
        const product = sum * multiplier;
        const normed = floor(product * factor) + add;
        if (normed < piece.low || normed >= piece.high) piece = pieceAt(pieces, normed);
        const scaled = (normed - piece.start) * piece.multiplier;
        // A longer product, as sums of 16-bit weights give, is rounded. At a shift of 15 at most it is then far outside
        // of all starts (36 bits), so that the piece is right, and where it is constant nothing else matters.
        const exact = (product > -EXACT && product < EXACT) || piece.multiplier === 0;
        if (!(exact && scaled >= 0 && scaled < piece.limit)) {
          output[outputAt + index] = exactly(sum);
          continue;
        }
        let value = floor((scaled + piece.half) * piece.factor);
        // Half up and half to even differ where nothing is left of a tie and the result is odd.
        if (toEven && value % 2 === 1 && value === (scaled + piece.half) * piece.factor && piece.half > 0) value--;
        value += piece.bias;
        output[outputAt + index] = value > 255 ? 255 : value;
      }
    },
  };
}

/**
 * Ordered so that the first piece which begins at or below a value is the right one, whatever the order of the table.
 * Neighbours that give the same constant become one: most tables consist of fillers.
 */
function piecesOf(table: readonly ActivationSegment[], rounding: Rounding): Piece[] {
  const pieces: Piece[] = [];
  let high = Infinity;
  for (let index = table.length - 1; index >= 0; index--) {
    // Variant B enters a segment one later.
    const low = index === 0 ? -Infinity : table[index].start + (rounding === 'A' ? 0 : 1);
    if (low >= high) continue;
    const piece = pieceOf(table[index], low, high);
    const above = pieces.at(-1);
    if (above !== undefined && sameConstant(above, piece)) pieces[pieces.length - 1] = { ...above, low };
    else pieces.push(piece);
    high = low;
  }
  return pieces;
}

function pieceOf({ start, multiplier, shift: given, bias }: ActivationSegment, low: number, high: number): Piece {
  const shift = multiplier === 0 ? 0 : given;
  return {
    low,
    high,
    start,
    multiplier,
    bias,
    factor: 2 ** -shift,
    half: shift === 0 ? 0 : 2 ** (shift - 1),
    limit: shift <= MAX_FAST_SHIFT ? EXACT / 2 : 0,
  };
}

function sameConstant(a: Piece, b: Piece): boolean {
  return a.multiplier === 0 && b.multiplier === 0 && a.bias === b.bias;
}

function pieceAt(pieces: readonly Piece[], value: number): Piece {
  for (const piece of pieces) if (value >= piece.low) return piece;
  return pieces[pieces.length - 1];
}

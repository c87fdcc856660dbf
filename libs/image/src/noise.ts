import type { Random } from '@graft/foundation';

/** Side lengths of one lattice cell, in pixels. Unequal: streaks (wood, grass, fabric). */
export interface Cell {
  readonly height: number;
  readonly width: number;
}

/**
 * Value noise: random numbers on a lattice, smoothly interpolated; each further octave has half the cell and half the
 * weight. Result: height · width values, 0 … 1 (row, column).
 */
export function valueNoise(height: number, width: number, cell: Cell, octaves: number, random: Random): Float32Array {
  const field = new Float32Array(height * width);
  let total = 0;
  for (let octave = 0, share = 1; octave < octaves; octave++, share /= 2) {
    const finer = { height: cell.height / 2 ** octave, width: cell.width / 2 ** octave };
    if (octave > 0 && Math.min(finer.height, finer.width) < 1.5) break;
    addOctave(field, height, width, finer, share, random);
    total += share;
  }
  for (let pixel = 0; pixel < field.length; pixel++) field[pixel] /= total;
  return field;
}

interface Axis {
  /** Lattice index before each pixel. */
  readonly index: Int32Array;
  /** Smoothed share of the lattice point behind it. */
  readonly share: Float32Array;
  readonly points: number;
}

function axisOf(length: number, cell: number, shift: number): Axis {
  const index = new Int32Array(length);
  const share = new Float32Array(length);
  for (let at = 0; at < length; at++) {
    const place = at / cell + shift;
    index[at] = Math.floor(place);
    const t = place - index[at];
    share[at] = t * t * (3 - 2 * t);
  }
  return { index, share, points: index[length - 1] + 2 };
}

function addOctave(
  field: Float32Array,
  height: number,
  width: number,
  cell: Cell,
  weight: number,
  random: Random,
): void {
  const rows = axisOf(height, cell.height, random.uniform());
  const columns = axisOf(width, cell.width, random.uniform());
  const lattice = new Float32Array(rows.points * columns.points);
  for (let at = 0; at < lattice.length; at++) lattice[at] = random.uniform() * weight;
  const line = new Float32Array(columns.points);
  for (let row = 0, at = 0; row < height; row++) {
    const above = rows.index[row] * columns.points;
    const shareY = rows.share[row];
    for (let point = 0; point < line.length; point++) {
      const upper = lattice[above + point];
      line[point] = upper + (lattice[above + columns.points + point] - upper) * shareY;
    }
    for (let column = 0; column < width; column++, at++) {
      const point = columns.index[column];
      field[at] += line[point] + (line[point + 1] - line[point]) * columns.share[column];
    }
  }
}

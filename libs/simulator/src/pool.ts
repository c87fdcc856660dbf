/** One plane of bytes before pooling. */
export interface Plane {
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

type Cell = (plane: Plane, row: number, column: number) => number;

/** Side of the square from which one result comes, and what happens in it. Codes of the register `poolType`. */
interface Pool {
  readonly stride: 1 | 2 | 4;
  readonly cell: Cell;
}

// Looking up a global in the innermost loop costs dearly where code runs in a sandbox.
const { floor, max, min } = Math;

const largest =
  (size: number): Cell =>
  ({ values, height, width }, row, column) => {
    let result = 0;
    for (let y = row; y < min(row + size, height); y++) {
      for (let x = column; x < min(column + size, width); x++) result = max(result, values[y * width + x]);
    }
    return result;
  };

/** The chip drops the fraction. */
const mean =
  (size: number): Cell =>
  ({ values, width }, row, column) => {
    let sum = 0;
    for (let y = row; y < row + size; y++) {
      for (let x = column; x < column + size; x++) sum += values[y * width + x];
    }
    return floor(sum / (size * size));
  };

const pick =
  (right: number): Cell =>
  ({ values, width }, row, column) =>
    values[row * width + column + right];

/** Variant A: the mean of those cells of the 2×2 square that lie inside the map. */
const meanInside: Cell = ({ values, height, width }, row, column) => {
  let sum = 0;
  let count = 0;
  for (let y = row; y < min(row + 2, height); y++) {
    for (let x = column; x < min(column + 2, width); x++, count++) sum += values[y * width + x];
  }
  return floor(sum / count);
};

/** Variant B: the last row and column stand for those beyond. */
const meanRepeated: Cell = ({ values, height, width }, row, column) => {
  const below = min(row + 1, height - 1);
  const right = min(column + 1, width - 1);
  const at = (y: number, x: number) => values[y * width + x];
  return (at(row, column) + at(row, right) + at(below, column) + at(below, right)) >> 2;
};

function poolOf(poolType: number, rounding: 'A' | 'B'): Pool {
  switch (poolType) {
    case 1:
      return { stride: 2, cell: largest(2) };
    case 2:
      return { stride: 2, cell: mean(2) };
    case 3:
      return { stride: 4, cell: largest(4) };
    case 4:
      return { stride: 4, cell: mean(4) };
    case 5:
      return { stride: 2, cell: pick(0) };
    case 6:
      return { stride: 2, cell: pick(1) };
    case 7:
      return { stride: 4, cell: pick(0) };
    case 8:
      return { stride: 1, cell: rounding === 'A' ? meanInside : meanRepeated };
    case 9:
      return { stride: 1, cell: largest(2) };
    default:
      throw new Error(`internal: no pool type ${poolType}`);
  }
}

/** Pools one plane into `output` (row, column). Squares that stick out at the right or bottom are dropped. */
export function poolPlane(plane: Plane, poolType: number, rounding: 'A' | 'B', output: Uint8Array): void {
  if (poolType === 0) return output.set(plane.values.subarray(0, plane.height * plane.width));
  const { stride, cell } = poolOf(poolType, rounding);
  const height = floor(plane.height / stride);
  const width = floor(plane.width / stride);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      output[row * width + column] = cell(plane, row * stride, column * stride);
    }
  }
}

/** Pools that only keep some pixels: every `stride`-th row and column, from column `offset` on. */
export function subsampleOf(poolType: number): { readonly stride: number; readonly offset: number } | undefined {
  switch (poolType) {
    case 0:
      return { stride: 1, offset: 0 };
    case 5:
      return { stride: 2, offset: 0 };
    case 6:
      return { stride: 2, offset: 1 };
    case 7:
      return { stride: 4, offset: 0 };
    default:
      return undefined;
  }
}

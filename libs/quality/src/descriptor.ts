const SIDE = 32;
const CELLS = 4;
const CELL_SIDE = SIDE / CELLS;
const HUES = 18;
const DIRECTIONS = 8;

/** Less saturated pixels have no hue worth counting. */
const LEAST_CHROMA = 0.15;

/**
 * A picture in 259 numbers, for telling classes apart without a network: mean colours of 4 × 4 cells, a histogram of
 * colours, one of hues, histograms of the directions of edges in each cell, and a constant 1. Takes 32 × 32 × 3 bytes: row,
 * column, RGB.
 */
export function describeMiniature(miniature: Uint8Array): Float64Array {
  const values = new Float64Array(miniature.length);
  for (let at = 0; at < values.length; at++) values[at] = miniature[at] / 255;
  return Float64Array.from([...cellColours(values), ...colours(miniature), ...hues(values), ...edges(values), 1]);
}

function cellOf(row: number, column: number): number {
  return Math.floor(row / CELL_SIDE) * CELLS + Math.floor(column / CELL_SIDE);
}

function cellColours(values: Float64Array): Float64Array {
  const means = new Float64Array(CELLS * CELLS * 3);
  for (let at = 0; at < values.length; at++) {
    const pixel = Math.floor(at / 3);
    const cell = cellOf(Math.floor(pixel / SIDE), pixel % SIDE);
    means[cell * 3 + (at % 3)] += values[at] / (CELL_SIDE * CELL_SIDE);
  }
  return means;
}

/** Square roots of the shares of 4 × 4 × 4 colours. */
function colours(miniature: Uint8Array): Float64Array {
  const counts = new Float64Array(64);
  for (let at = 0; at < miniature.length; at += 3) {
    counts[(miniature[at] >> 6) * 16 + (miniature[at + 1] >> 6) * 4 + (miniature[at + 2] >> 6)]++;
  }
  return rootsOfShares(counts);
}

/** Square roots of the shares of hues, weighted by chroma, shared out between neighbouring bins. */
function hues(values: Float64Array): Float64Array {
  const weights = new Float64Array(HUES);
  for (let at = 0; at < values.length; at += 3) {
    const [red, green, blue] = values.subarray(at, at + 3);
    const most = Math.max(red, green, blue);
    const chroma = most - Math.min(red, green, blue);
    if (chroma < LEAST_CHROMA) continue;
    const place = (hueOf(red, green, blue, most, chroma) / 6) * HUES;
    const bin = Math.floor(place);
    weights[bin % HUES] += chroma * (1 - (place - bin));
    weights[(bin + 1) % HUES] += chroma * (place - bin);
  }
  return rootsOfShares(weights);
}

/** 0 … 6 around the circle: red 0, green 2, blue 4. */
function hueOf(red: number, green: number, blue: number, most: number, chroma: number): number {
  if (most === red) return ((green - blue) / chroma + 6) % 6;
  return most === green ? (blue - red) / chroma + 2 : (red - green) / chroma + 4;
}

/** Strength of edges by direction in each cell, the whole of length 1. */
function edges(values: Float64Array): Float64Array {
  const luma = (row: number, column: number): number => {
    const at = (row * SIDE + column) * 3;
    return 0.299 * values[at] + 0.587 * values[at + 1] + 0.114 * values[at + 2];
  };
  const strengths = new Float64Array(CELLS * CELLS * DIRECTIONS);
  for (let row = 1; row < SIDE - 1; row++) {
    for (let column = 1; column < SIDE - 1; column++) {
      const across = luma(row, column + 1) - luma(row, column - 1);
      const down = luma(row + 1, column) - luma(row - 1, column);
      // An edge and its negative have one direction.
      const angle = (Math.atan2(down, across) / Math.PI + 1) % 1;
      const direction = Math.floor(angle * DIRECTIONS) % DIRECTIONS;
      strengths[cellOf(row, column) * DIRECTIONS + direction] += Math.hypot(across, down);
    }
  }
  const length = Math.hypot(...strengths);
  return strengths.map((strength) => (length === 0 ? 0 : strength / length));
}

function rootsOfShares(counts: Float64Array): Float64Array {
  const sum = counts.reduce((total, count) => total + count, 0);
  return counts.map((count) => (sum === 0 ? 0 : Math.sqrt(count / sum)));
}

/**
 * Views of a picture's miniature for comparing it with others: the whole, and the whole less a margin, since a copy may
 * have been cropped. A view is 16 × 16 values of brightness, row by row, with mean 0 and length 1, so that the product
 * of two views is their correlation, whatever brightness and contrast.
 */
export type View = Float32Array;

/** Brightness of a miniature: 32 × 32, row by row. */
export type Luma = Float32Array;

/** Shares of the picture that are cut off. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const SIDE = 32;
const VIEW_SIDE = 16;

/** Of 32 × 32 × 3 bytes: row, column, RGB. */
export function lumaOf(miniature: Uint8Array): Luma {
  const luma = new Float32Array(SIDE * SIDE);
  for (let pixel = 0; pixel < luma.length; pixel++) {
    luma[pixel] = 0.299 * miniature[pixel * 3] + 0.587 * miniature[pixel * 3 + 1] + 0.114 * miniature[pixel * 3 + 2];
  }
  return luma;
}

export function mirrored(luma: Luma): Luma {
  return luma.map((_, at) => luma[at - (at % SIDE) + (SIDE - 1 - (at % SIDE))]);
}

export function viewOf(luma: Luma, margins: Margins): View {
  return cropViews(luma, [margins])[0];
}

/**
 * One view for each crop. A value is the mean of four bilinear samples, that is of two in each direction; what two crops share
 * in the one direction is sampled once.
 */
export function cropViews(luma: Luma, crops: readonly Margins[]): View[] {
  const narrowed = new Map<string, Float32Array>();
  return crops.map(({ left, right, top, bottom }) => {
    const key = `${left} ${right}`;
    const columns = narrowed.get(key) ?? turned(shrunk(luma, SIDE, tapsOf(left, right)));
    narrowed.set(key, columns);
    return normalized(turned(shrunk(columns, VIEW_SIDE, tapsOf(top, bottom))));
  });
}

/** Four places along a line and their shares, for each value of a view: two samples between two neighbours each. */
interface Taps {
  readonly places: Uint8Array;
  readonly shares: Float32Array;
}

const KNOWN_TAPS = new Map<string, Taps>();

function tapsOf(before: number, after: number): Taps {
  const key = `${before} ${after}`;
  const known = KNOWN_TAPS.get(key) ?? makeTaps(before, after);
  KNOWN_TAPS.set(key, known);
  return known;
}

function makeTaps(before: number, after: number): Taps {
  const places = new Uint8Array(4 * VIEW_SIDE);
  const shares = new Float32Array(4 * VIEW_SIDE);
  const length = (1 - before - after) * SIDE;
  for (let sample = 0; sample < 2 * VIEW_SIDE; sample++) {
    // In pixels from the centre of the first one; the outermost half pixel has no neighbour.
    const place = before * SIDE + ((sample + 0.5) / (2 * VIEW_SIDE)) * length - 0.5;
    const inside = Math.min(SIDE - 1, Math.max(0, place));
    const first = Math.min(SIDE - 2, Math.floor(inside));
    places.set([first, first + 1], 2 * sample);
    shares.set([(1 - inside + first) / 2, (inside - first) / 2], 2 * sample);
  }
  return { places, shares };
}

/** Shrinks each of `lines` lines of 32 values to 16. */
function shrunk(values: Float32Array, lines: number, { places, shares }: Taps): Float32Array {
  const result = new Float32Array(lines * VIEW_SIDE);
  for (let line = 0; line < lines; line++) {
    const start = line * SIDE;
    for (let at = 0; at < VIEW_SIDE; at++) {
      const tap = 4 * at;
      result[line * VIEW_SIDE + at] =
        values[start + places[tap]] * shares[tap] +
        values[start + places[tap + 1]] * shares[tap + 1] +
        values[start + places[tap + 2]] * shares[tap + 2] +
        values[start + places[tap + 3]] * shares[tap + 3];
    }
  }
  return result;
}

/** Rows of 16 values become columns. */
function turned(values: Float32Array): Float32Array {
  const rows = values.length / VIEW_SIDE;
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < VIEW_SIDE; column++) {
      result[column * rows + row] = values[row * VIEW_SIDE + column];
    }
  }
  return result;
}

function normalized(view: View): View {
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < view.length; at++) sum += view[at];
  const mean = sum / view.length;
  for (let at = 0; at < view.length; at++) squares += (view[at] - mean) ** 2;
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (let at = 0; at < view.length; at++) view[at] = (view[at] - mean) * scale;
  return view;
}

export function correlation(a: View, b: View): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}

/** Signs of the 63 lowest frequencies but the mean (cosine transform, 8 × 8), in two words of 32 bits; bit 0 is never set. */
export type Hash = readonly [number, number];

const FREQUENCIES = 8;
export const HASH_BITS = FREQUENCIES * FREQUENCIES;

/** Frequency by frequency, of each the values along a line. */
const COSINES = Float64Array.from({ length: FREQUENCIES * VIEW_SIDE }, (_, index) => {
  const [frequency, at] = [Math.floor(index / VIEW_SIDE), index % VIEW_SIDE];
  return Math.cos((Math.PI * (2 * at + 1) * frequency) / (2 * VIEW_SIDE));
});

export function hashOf(view: View): Hash {
  const across = new Float64Array(FREQUENCIES * VIEW_SIDE);
  for (let frequency = 0; frequency < FREQUENCIES; frequency++) {
    for (let row = 0; row < VIEW_SIDE; row++) {
      let sum = 0;
      for (let column = 0; column < VIEW_SIDE; column++) {
        sum += COSINES[frequency * VIEW_SIDE + column] * view[row * VIEW_SIDE + column];
      }
      across[frequency * VIEW_SIDE + row] = sum;
    }
  }
  const words: [number, number] = [0, 0];
  for (let bit = 1; bit < HASH_BITS; bit++) {
    const down = Math.floor(bit / FREQUENCIES) * VIEW_SIDE;
    const line = (bit % FREQUENCIES) * VIEW_SIDE;
    let sum = 0;
    for (let row = 0; row < VIEW_SIDE; row++) sum += COSINES[down + row] * across[line + row];
    if (sum > 0) words[bit >> 5] |= 1 << (bit & 31);
  }
  return words;
}

/** Number of bits that differ. */
export function distance(a: Hash, b: Hash): number {
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);
}

/** Number of bits that are set in a word of 32. */
export function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

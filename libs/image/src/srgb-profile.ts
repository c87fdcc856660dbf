/**
 * Whether an ICC profile says no more than that the colours are sRGB, so that applying it changes nothing: a profile of three
 * colours (matrix and curves) with the primaries and the curve of IEC 61966-2-1, adapted to D50. Profiles with tables, and
 * everything that is not understood, are applied: false. The layout is that of ICC.1:2022, all numbers big-endian.
 */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  try {
    if (textAt(view, 16) !== 'RGB ' || textAt(view, 20) !== 'XYZ ') return false;
    const tags = tagsOf(view);
    if (TABLES.some((name) => tags.has(name))) return false;
    const samePrimaries = PRIMARIES.every(({ tag, xyz }) => hasPrimary(view, tags.get(tag), xyz));
    return samePrimaries && CURVES.every((name) => hasSrgbCurve(view, tags.get(name)));
  } catch (error) {
    // An offset that lies outside.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Of light, 0 … 1: at most a third of a level of 255 where the curve is steepest (12.92), and two thirds. */
const CURVE_TOLERANCE = 1e-4;
const PRIMARY_TOLERANCE = 2e-4;
const TABLES = ['A2B0', 'A2B1', 'A2B2', 'D2B0', 'D2B1'];
const CURVES = ['rTRC', 'gTRC', 'bTRC'];
const PRIMARIES = [
  { tag: 'rXYZ', xyz: [0.43607, 0.22249, 0.01392] },
  { tag: 'gXYZ', xyz: [0.38515, 0.71687, 0.09708] },
  { tag: 'bXYZ', xyz: [0.14307, 0.06061, 0.7141] },
];
const LEVELS = Array.from({ length: 256 }, (_, level) => level / 255);

const srgbCurve = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** Offsets of the tags' data by their names. */
function tagsOf(view: DataView): Map<string, number> {
  const count = Math.min(view.getUint32(128), 100);
  const entries = Array.from({ length: count }, (_, index) => 132 + 12 * index);
  return new Map(entries.map((at) => [textAt(view, at), view.getUint32(at + 4)]));
}

function hasPrimary(view: DataView, at: number | undefined, wanted: readonly number[]): boolean {
  if (at === undefined || textAt(view, at) !== 'XYZ ') return false;
  return wanted.every((value, axis) => Math.abs(fixedAt(view, at + 8 + 4 * axis) - value) < PRIMARY_TOLERANCE);
}

function hasSrgbCurve(view: DataView, at: number | undefined): boolean {
  const curve = curveAt(view, at);
  return curve !== null && LEVELS.every((level) => Math.abs(curve(level) - srgbCurve(level)) < CURVE_TOLERANCE);
}

/** From a channel's value to light, both 0 … 1; null where it is written in a way that sRGB is not. */
function curveAt(view: DataView, at: number | undefined): ((value: number) => number) | null {
  if (at === undefined) return null;
  const type = textAt(view, at);
  if (type === 'para' && view.getUint16(at + 8) === 3) {
    const [power, a, b, c, d] = [0, 1, 2, 3, 4].map((index) => fixedAt(view, at + 12 + 4 * index));
    return (value) => (value >= d ? (a * value + b) ** power : c * value);
  }
  const points = type === 'curv' ? view.getUint32(at + 8) : 0;
  if (points < 2) return null;
  const point = (index: number): number => view.getUint16(at + 12 + 2 * index) / 65535;
  return (value) => {
    const before = Math.min(points - 2, Math.floor(value * (points - 1)));
    const share = value * (points - 1) - before;
    return point(before) * (1 - share) + point(before + 1) * share;
  };
}

const textAt = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((offset) => view.getUint8(at + offset)));

/** s15Fixed16Number. */
const fixedAt = (view: DataView, at: number): number => view.getInt32(at) / 65536;

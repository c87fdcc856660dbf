import type { KModelLayer } from '../kmodel';
import type { DataFlow, LayerFlow, ValueId } from './data-flow';
import { floatInterval } from './float-interval';
import type { Interval } from './float-interval';

/** What the numbers of a tensor mean. Null is what neither the file nor arithmetic tells. */
export interface RealRange {
  /** Least and greatest real value that can occur: of bytes 0 and 255, or of floats. */
  readonly interval: Interval | null;
  /** The byte that means 0; may be a fraction, or outside of 0 … 255. Null for floats. */
  readonly zeroPoint: number | null;
  /** Real value of one step of a byte. Null for floats. */
  readonly scale: number | null;
  /** The layer whose numbers tell it. */
  readonly toldBy: number | null;
}

const UNKNOWN: RealRange = { interval: null, zeroPoint: null, scale: null, toldBy: null };

/**
 * The ranges that follow from the file, by value.
 *
 * A kmodel holds scales only where floats become bytes (quantize) and bytes floats (dequantize). Inside of the KPU the
 * arguments of a convolution give the zero point of the map that it reads; the scales of its input, weights and output
 * are melted into one factor per channel and cannot be told apart. So a map between two convolutions has a zero point
 * and no scale. Floats are bounded by interval arithmetic.
 */
export function impliedRanges(layers: readonly KModelLayer[], flow: DataFlow): readonly RealRange[] {
  const meanings = new Meanings(flow.writers.length);
  layers.forEach((layer, index) => meanings.join(sameMeaning(layer, flow.layers[index])));
  // Whoever tells the scale as well is heard first.
  layers.forEach((layer, index) => tellScale(meanings, layer, flow.layers[index], index));
  layers.forEach((layer, index) => tellZeroPoint(meanings, layer, flow.layers[index], index));
  const ranges = flow.writers.map((_, value) => meanings.of(value));
  layers.forEach((layer, index) => {
    const { reads, writes } = flow.layers[index];
    const intervals = reads.map(({ values }) => hullOf(values.map((value) => ranges[value].interval)));
    for (const { value, content } of writes) {
      if (content === 'floats')
        ranges[value] = { ...UNKNOWN, interval: floatInterval(layer, intervals), toldBy: index };
    }
  });
  return ranges;
}

/** The range of a tensor that consists of several values: what they have in common. */
export function commonRange(values: readonly ValueId[], ranges: readonly RealRange[]): RealRange {
  const [first, ...rest] = values.map((value) => ranges[value]);
  if (first === undefined) return UNKNOWN;
  const agree = rest.every(({ zeroPoint, scale }) => zeroPoint === first.zeroPoint && scale === first.scale);
  return agree ? { ...first, interval: hullOf([first, ...rest].map(({ interval }) => interval)) } : UNKNOWN;
}

function hullOf(intervals: readonly (Interval | null)[]): Interval | null {
  let hull: Interval | null = null;
  for (const one of intervals) {
    if (one === null) return null;
    hull = hull === null ? one : { min: Math.min(hull.min, one.min), max: Math.max(hull.max, one.max) };
  }
  return hull;
}

/** Values whose bytes mean the same because the layer only moves them, or writes them twice. */
function sameMeaning(layer: KModelLayer, { reads, writes }: LayerFlow): readonly ValueId[] {
  const written = writes.map(({ value }) => value);
  switch (layer.kind) {
    case 'quantizedMaxPool':
    case 'quantizedConcat':
    case 'quantizedResizeNearest':
    case 'addPadding':
    case 'removePadding':
    case 'upload':
      return [...reads.flatMap(({ values }) => values), ...written];
    case 'convolution':
      // Parts that runs wrote side by side are read as one map.
      return written;
    default:
      return [];
  }
}

function tellScale(meanings: Meanings, layer: KModelLayer, { reads, writes }: LayerFlow, index: number): void {
  const ports = layer.kind === 'quantize' ? writes.map(({ value }) => value) : reads.flatMap(({ values }) => values);
  if (layer.kind !== 'quantize' && layer.kind !== 'dequantize') return;
  const { scale, bias } = layer;
  if (!Number.isFinite(scale) || !Number.isFinite(bias) || scale === 0) return;
  const ends = [bias, 255 * scale + bias];
  const interval = { min: Math.min(...ends), max: Math.max(...ends) };
  // 0 − … because −0 is no help to anybody.
  ports.forEach((value) => meanings.tell(value, { interval, zeroPoint: 0 - bias / scale, scale, toldBy: index }));
}

function tellZeroPoint(meanings: Meanings, layer: KModelLayer, { reads }: LayerFlow, index: number): void {
  if (layer.kind !== 'convolution') return;
  const zeroPoint = 0 - layer.registers.argW / 2 ** layer.registers.shiftW;
  for (const { values } of reads) {
    for (const value of values) meanings.tell(value, { ...UNKNOWN, zeroPoint, toldBy: index });
  }
}

/** Values that share one meaning, and what is known of it. */
class Meanings {
  private readonly parents: ValueId[];
  private readonly known = new Map<ValueId, RealRange>();

  constructor(count: number) {
    this.parents = Array.from({ length: count }, (_, value) => value);
  }

  join([first, ...rest]: readonly ValueId[]): void {
    for (const other of rest) this.parents[this.rootOf(other)] = this.rootOf(first);
  }

  /** The first to tell is believed. */
  tell(value: ValueId, range: RealRange): void {
    const root = this.rootOf(value);
    if (!this.known.has(root)) this.known.set(root, range);
  }

  of(value: ValueId): RealRange {
    return this.known.get(this.rootOf(value)) ?? UNKNOWN;
  }

  private rootOf(value: ValueId): ValueId {
    let root = value;
    while (this.parents[root] !== root) {
      this.parents[root] = this.parents[this.parents[root]];
      root = this.parents[root];
    }
    return root;
  }
}

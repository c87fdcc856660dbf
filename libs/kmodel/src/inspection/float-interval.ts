import type { FullyConnectedLayer, KModelLayer } from '../kmodel';

export interface Interval {
  readonly min: number;
  readonly max: number;
}

const UNIT: Interval = { min: 0, max: 1 };

/**
 * An interval that holds every float which a layer can write, but for rounding. Null: its inputs are not known, or it
 * writes none.
 * @param inputs one per tensor that the layer reads
 */
export function floatInterval(layer: KModelLayer, inputs: readonly (Interval | null)[]): Interval | null {
  const [first = null] = inputs;
  switch (layer.kind) {
    case 'softmax':
    case 'logistic':
      return UNIT;
    case 'l2Normalization':
      return { min: -1, max: 1 };
    case 'dequantize':
      return bytesAs([layer]);
    case 'channelwiseDequantize':
      return bytesAs(layer.ranges);
    case 'globalAveragePool':
    case 'averagePool':
    case 'flatten':
    case 'resizeNearest':
      return first;
    case 'concat':
      return inputs.reduce(hull, first);
    case 'add':
      return inputs.length === 2 ? sum(first, inputs[1]) : null;
    case 'fullyConnected':
      return first === null ? null : ofFullyConnected(layer, first);
    default:
      return null;
  }
}

function bytesAs(ranges: readonly { readonly scale: number; readonly bias: number }[]): Interval | null {
  let found: Interval | null = null;
  for (const { scale, bias } of ranges) {
    const ends = [bias, 255 * scale + bias];
    if (!ends.every(Number.isFinite)) return null;
    const one = { min: Math.min(...ends), max: Math.max(...ends) };
    found = found === null ? one : hull(found, one);
  }
  return found;
}

function hull(a: Interval | null, b: Interval | null): Interval | null {
  return a === null || b === null ? null : { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function sum(a: Interval | null, b: Interval | null): Interval | null {
  return a === null || b === null ? null : { min: a.min + b.min, max: a.max + b.max };
}

function ofFullyConnected(layer: FullyConnectedLayer, { min, max }: Interval): Interval | null {
  const { inputChannels, outputChannels, weights, bias } = layer;
  let found: Interval | null = null;
  for (let unit = 0; unit < outputChannels; unit++) {
    let [low, high] = [bias[unit], bias[unit]];
    for (let index = unit * inputChannels; index < (unit + 1) * inputChannels; index++) {
      const weight = weights[index];
      low += weight * (weight < 0 ? max : min);
      high += weight * (weight < 0 ? min : max);
    }
    if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
    const one = { min: activate(low, layer.activation), max: activate(high, layer.activation) };
    found = found === null ? one : hull(found, one);
  }
  return found;
}

/** 0 none, 1 ReLU, 2 ReLU6; all of them rise. */
function activate(value: number, activation: number): number {
  const positive = activation === 1 || activation === 2 ? Math.max(value, 0) : value;
  return activation === 2 ? Math.min(positive, 6) : positive;
}

import { convolve, gatherWindows } from './kernels';
import { TILE } from './multiply-tile';
import { padByte } from './quantized-convolution';
import type { QuantizedConvolution } from './quantized-graph';

/** Pixels of all pictures together on which a layer's error is measured. */
const SAMPLES = 2048;
/** Passes over the weights of a channel; nearly all changes happen in the first three. */
const SWEEPS = 8;
/** Share of the mean variance of an input that is added to each: keeps the search from fitting chance. */
const RIDGE = 0.02;

/**
 * Rounds weights up or down so that the layer's output, not each weight, is as close to the float network's as can be:
 * coordinate descent over the neighbours of every real weight, for the squared error of the sums on sampled pixels. The
 * mean error is left aside; the bias takes it. `real` are the weights before rounding, `target` the float network's
 * values before the activation (bias included), planar, one map per picture like `bytes`, the layer's inputs.
 * @returns the new bytes. Depthwise layers come back as they are.
 */
export function searchRounding(
  layer: QuantizedConvolution,
  real: Float64Array,
  bytes: readonly Uint8Array[],
  target: readonly Float32Array[],
): Uint8Array {
  if (layer.kind === 'depthwise') return layer.weights;
  const outputs = layer.output.channels;
  const taps = layer.weights.length / outputs;
  const pixels = samplePixels(layer.output.height * layer.output.width, bytes.length);
  const windows = sampleWindows(layer, bytes, pixels, taps);
  const wanted = sampleTargets(target, pixels, outputs);
  centre(windows, taps);
  centre(wanted, outputs);
  const moments = products(windows, taps, windows, taps);
  const links = products(wanted, outputs, windows, taps);
  const ridge = RIDGE * meanDiagonal(moments, taps) + Number.MIN_VALUE;
  const result = Uint8Array.from(layer.weights);
  for (let output = 0; output < outputs; output++) {
    const scale = layer.weightScales[output];
    if (scale === 0) continue;
    descend({
      bytes: result.subarray(output * taps, (output + 1) * taps),
      real: real.subarray(output * taps, (output + 1) * taps).map((weight) => weight / scale + layer.weightZeroPoint),
      zeroPoint: layer.weightZeroPoint,
      moments,
      links: links.subarray(output * taps, (output + 1) * taps).map((link) => link / (scale * layer.input.scale)),
      ridge,
    });
  }
  return result;
}

interface Search {
  /** Changed in place. */
  readonly bytes: Uint8Array;
  /** Where the bytes would lie without rounding. */
  readonly real: Float64Array;
  readonly zeroPoint: number;
  /** Σ x xᵀ over the samples, [tap][tap]. */
  readonly moments: Float64Array;
  /** Σ x · target, in units of the sums. */
  readonly links: Float64Array;
  readonly ridge: number;
}

function descend({ bytes, real, zeroPoint, moments, links, ridge }: Search): void {
  const taps = bytes.length;
  // Half the gradient of Σ (w·x − target)².
  const gradient = links.map((link) => -link);
  for (let tap = 0; tap < taps; tap++) addRow(gradient, moments, tap, bytes[tap] - zeroPoint);
  for (let sweep = 0, changed = true; sweep < SWEEPS && changed; sweep++) {
    changed = false;
    for (let tap = 0; tap < taps; tap++) {
      const now = bytes[tap];
      const other = now > real[tap] ? Math.floor(real[tap]) : Math.ceil(real[tap]);
      const step = other - now;
      if (step === 0 || other < 0 || other > 255) continue;
      const curvature = moments[tap * taps + tap] + ridge;
      const slope = gradient[tap] + ridge * (now - real[tap]);
      if (2 * step * slope + step * step * curvature >= 0) continue;
      bytes[tap] = other;
      addRow(gradient, moments, tap, step);
      changed = true;
    }
  }
}

function addRow(gradient: Float64Array, moments: Float64Array, tap: number, factor: number): void {
  const from = tap * gradient.length;
  for (let other = 0; other < gradient.length; other++) gradient[other] += factor * moments[from + other];
}

/** Output pixels, spread evenly, the same in every picture. */
function samplePixels(area: number, pictures: number): number[] {
  const count = Math.min(area, Math.ceil(SAMPLES / pictures));
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * area) / count));
}

/** [sample][tap], in steps from the zero point. */
function sampleWindows(
  layer: QuantizedConvolution,
  bytes: readonly Uint8Array[],
  pixels: readonly number[],
  taps: number,
): Float32Array {
  const { zeroPoint } = layer.input;
  const windows = new Float32Array(bytes.length * pixels.length * taps);
  const window = new Float64Array(taps * TILE);
  let at = 0;
  for (const map of bytes) {
    const values = Float32Array.from(map);
    for (const pixel of pixels) {
      gatherWindows(layer, values, padByte(layer.input), pixel, 1, window);
      for (let tap = 0; tap < taps; tap++) windows[at++] = window[tap * TILE] - zeroPoint;
    }
  }
  return windows;
}

/** [sample][output] */
function sampleTargets(target: readonly Float32Array[], pixels: readonly number[], outputs: number): Float32Array {
  const wanted = new Float32Array(target.length * pixels.length * outputs);
  let at = 0;
  for (const values of target) {
    const area = values.length / outputs;
    for (const pixel of pixels)
      for (let output = 0; output < outputs; output++) wanted[at++] = values[output * area + pixel];
  }
  return wanted;
}

/** Takes the mean of each column away. */
function centre(values: Float32Array, columns: number): void {
  const means = new Float64Array(columns);
  const rows = values.length / columns;
  values.forEach((value, index) => (means[index % columns] += value / rows));
  values.forEach((value, index) => (values[index] = value - means[index % columns]));
}

/** leftᵀ · right of two sets of samples, [left column][right column]: a 1×1 convolution whose channels are the samples. */
function products(left: Float32Array, leftColumns: number, right: Float32Array, rightColumns: number): Float64Array {
  const samples = left.length / leftColumns;
  const weights = new Float64Array(left.length);
  left.forEach((value, index) => {
    weights[(index % leftColumns) * samples + Math.floor(index / leftColumns)] = value;
  });
  const input = { channels: samples, height: 1, width: rightColumns };
  const output = { channels: leftColumns, height: 1, width: rightColumns };
  return convolve({ kind: 'convolution', kernel: 1, stride: 1, input, output }, right, weights, 0);
}

function meanDiagonal(moments: Float64Array, taps: number): number {
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) sum += moments[tap * taps + tap];
  return sum / taps;
}

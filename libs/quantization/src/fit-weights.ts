import type { FloatConvolution } from './chain';
import { matrixProduct } from './matrix-product';
import type { QuantizedConvolution } from './quantized-graph';
import type { Range } from './range-observer';
import { sampleWindows } from './sample-windows';
import { searchRounding } from './search-rounding';

export interface FittedWeights {
  readonly layer: QuantizedConvolution;
  /** What the layer sums up at the samples before the bias, real values, [output][sample]. */
  readonly sums: Float64Array;
}

/** What weights are fitted to. */
export interface FitSamples {
  /** Planar bytes that the layer reads, one map a picture. */
  readonly maps: readonly Uint8Array[];
  /** Output pixels, the same in every map. */
  readonly pixels: readonly number[];
  /** The float network's values before the activation, bias included, [output][sample]. */
  readonly target: Float32Array;
  /** Where the output tells values apart. */
  readonly live: Range;
}

/** Runs `layer` at the samples; with `search` its roundings are searched first. `real` has the weights before rounding. */
export function fitWeights(
  layer: QuantizedConvolution,
  real: FloatConvolution,
  { maps, pixels, target, live }: FitSamples,
  search: boolean,
): FittedWeights {
  const outputs = layer.output.channels;
  const count = maps.length * pixels.length;
  const taps = layer.weights.length / outputs;
  const weights = Uint8Array.from(layer.weights);
  const weightScales = Float64Array.from(layer.weightScales);
  const sums = new Float64Array(outputs * count);
  // A depthwise layer is as many layers of one channel.
  const parts = layer.kind === 'depthwise' ? outputs : 1;
  const inputs = layer.input.channels / parts;
  for (let part = 0; part < parts; part++) {
    const [from, to] = [part, part + 1].map((at) => (at * outputs) / parts);
    const windows = sampleWindows(layer, maps, pixels, part * inputs, inputs);
    const bytes = weights.subarray(from * taps, to * taps);
    const scales = weightScales.subarray(from, to);
    if (search)
      searchRounding({
        bytes,
        scales,
        zeroPoint: layer.weightZeroPoint,
        inputScale: layer.input.scale,
        real: real.weights.subarray(from * taps, to * taps),
        windows,
        target: target.subarray(from * count, to * count),
        live: layer.kind === 'depthwise' ? live : undefined,
      });
    sums.set(sumsOf(bytes, scales, layer, windows), from * count);
  }
  return { layer: { ...layer, weights, weightScales }, sums };
}

function sumsOf(
  bytes: Uint8Array,
  scales: Float64Array,
  { input, weightZeroPoint }: QuantizedConvolution,
  windows: Float32Array,
): Float64Array {
  const taps = bytes.length / scales.length;
  const samples = windows.length / taps;
  const steps = Float64Array.from(bytes, (byte) => byte - weightZeroPoint);
  const sums = matrixProduct(steps, windows, taps);
  scales.forEach((scale, output) => {
    for (let at = output * samples; at < (output + 1) * samples; at++) sums[at] *= scale * input.scale;
  });
  return sums;
}

import type { FloatTailNode, QuantizedConvolution } from '../quantized-graph';
import type { LayerGradient } from './convolution-gradient';

type DenseTailNode = Extract<FloatTailNode, { kind: 'dense' }>;

/**
 * A layer in numbers that learn, each so scaled that a step of the same size means about as much everywhere. The layer
 * of the device is rounded from them anew after each step.
 */
export interface Latent<Layer> {
  /** Weights, then biases; changed in place. */
  readonly numbers: readonly [Float64Array, Float64Array];
  /** The layer that they stand for now. */
  layer(): Layer;
  /** ∂loss/∂numbers from that by the real weights and biases. */
  gradients(real: LayerGradient): readonly [Float64Array, Float64Array];
}

/** Steps from the middle to the largest weight of most channels: a number of 1. */
const HALF_STEPS = 127;
const LARGEST_BYTE = 255;

/** A weight starts where it was trained, but no further from its byte than what rounds to it. */
const WITHIN = 0.499;

/**
 * Weights as shares of 127 steps, biases as shares of what such a weight makes of a full input. Scales and ranges stay as
 * they were measured.
 * @param unrounded where the weights were trained, in steps from the zero point
 */
export function latentConvolution(start: QuantizedConvolution, unrounded: Float32Array): Latent<QuantizedConvolution> {
  const { weightZeroPoint: middle, weightScales } = start;
  const perOutput = start.weights.length / weightScales.length;
  const biasUnits = weightScales.map(
    (scale) => (scale || start.output.scale) * HALF_STEPS * start.input.scale * LARGEST_BYTE,
  );
  const weights = Float64Array.from(start.weights, (byte, at) => {
    const steps = byte - middle;
    return clamp(unrounded[at], steps - WITHIN, steps + WITHIN) / HALF_STEPS;
  });
  const bias = start.bias.map((value, channel) => value / biasUnits[channel]);
  return {
    numbers: [weights, bias],
    layer: () => {
      // What has left the bytes could not be called back by a gradient that no longer feels it.
      weights.forEach(
        (value, at) => (weights[at] = clamp(value, -middle / HALF_STEPS, (LARGEST_BYTE - middle) / HALF_STEPS)),
      );
      return {
        ...start,
        weights: Uint8Array.from(weights, (value) => Math.round(value * HALF_STEPS + middle)),
        bias: bias.map((value, channel) => value * biasUnits[channel]),
      };
    },
    gradients: (real) => [
      real.weights.map((value, at) => value * HALF_STEPS * weightScales[Math.floor(at / perOutput)]),
      real.bias.map((value, channel) => value * biasUnits[channel]),
    ],
  };
}

/** Mean and 1 / deviation of each input of a dense layer. */
export interface InputFigures {
  readonly mean: Float64Array;
  readonly inverse: Float64Array;
}

/**
 * What a number of 1 is to a dense layer of standardized inputs. Its weights are floats: they take larger steps than
 * bytes do, of which a small one may turn many at once.
 */
const DENSE_UNIT = 30;

/** The weights of inputs standardized by `figures`, which are merged into the layer itself. */
export function latentDense(start: DenseTailNode, { mean, inverse }: InputFigures): Latent<DenseTailNode> {
  const { inputs } = start;
  const rowOf = (
    values: { readonly length: number; subarray(from: number, to: number): Iterable<number> },
    unit: number,
  ) => values.subarray(unit * inputs, (unit + 1) * inputs);
  const shiftOf = (real: Iterable<number>) => dot(real, mean);
  const weights = Float64Array.from(start.weights, (value, at) => value / inverse[at % inputs] / DENSE_UNIT);
  const bias = Float64Array.from(
    start.bias,
    (value, unit) => (value + shiftOf(rowOf(start.weights, unit))) / DENSE_UNIT,
  );
  return {
    numbers: [weights, bias],
    layer: () => {
      const real = weights.map((value, at) => value * DENSE_UNIT * inverse[at % inputs]);
      return {
        ...start,
        weights: Float32Array.from(real),
        bias: Float32Array.from(bias, (value, unit) => value * DENSE_UNIT - shiftOf(rowOf(real, unit))),
      };
    },
    gradients: (real) => [
      real.weights.map((value, at) => {
        const input = at % inputs;
        return DENSE_UNIT * inverse[input] * (value - mean[input] * real.bias[Math.floor(at / inputs)]);
      }),
      real.bias.map((value) => value * DENSE_UNIT),
    ],
  };
}

/** Figures that leave inputs as they are. */
export function plainFigures(inputs: number): InputFigures {
  return { mean: new Float64Array(inputs), inverse: new Float64Array(inputs).fill(1) };
}

/** Part of the mean variance that is added to each: inputs that are nearly constant are not blown up. */
const FLOOR = 0.01;

/** Over rows of inputs, one for each picture. */
export function inputFigures(rows: readonly Float32Array[]): InputFigures {
  const inputs = rows[0].length;
  const mean = new Float64Array(inputs).map((_, at) => average(rows.map((row) => row[at])));
  const variance = mean.map((middle, at) => average(rows.map((row) => (row[at] - middle) ** 2)));
  const floor = FLOOR * average([...variance]) + Number.EPSILON;
  return { mean, inverse: variance.map((value) => 1 / Math.sqrt(value + floor)) };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function dot(a: Iterable<number>, b: Float64Array): number {
  let sum = 0;
  let at = 0;
  for (const value of a) sum += value * b[at++];
  return sum;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

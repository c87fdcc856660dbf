import { outputRange, encodingOf } from './activation-encoding';
import { quantizeValues } from './byte-values';
import type { FloatConvolution } from './chain';
import { chooseRange } from './choose-range';
import { activate, preActivation } from './float-convolution';
import type { LayerStatistics } from './layer-statistics';
import { correctionSize, HISTOGRAM_PARTS, signalToNoise, weightScaleSpread } from './layer-statistics';
import type { Recipe } from './quantize-layers';
import { accumulate, toBytes } from './quantized-convolution';
import type { FloatTailNode, QuantizedConvolution, QuantizedDense } from './quantized-graph';
import { RangeObserver } from './range-observer';
import { roundedLayer } from './rounded-layer';

export type FloatDense = Extract<FloatTailNode, { kind: 'dense' }>;

/** The vectors in front of the dense layers. */
export interface Vectors {
  /** Of the float network, one per calibration picture: they give the ranges and the corrections. */
  readonly calibration: readonly Float32Array[];
  /** Of both networks for the same pictures: on them it is measured what was lost. */
  readonly float: readonly Float32Array[];
  readonly device: readonly Float32Array[];
}

export interface QuantizedRun {
  readonly node: QuantizedDense;
  /** One per layer. */
  readonly layers: readonly LayerStatistics[];
}

/**
 * Puts dense layers into bytes, the vector in front of them as well. A bias is corrected by what the rounding of the
 * weights does to the mean over all calibration pictures, Σ (w − ŵ) · mean(x): one value a picture is too little to
 * measure it on a few of them, as it is done for feature maps.
 * @throws GraftError E323, E327
 */
export function quantizeDense(
  name: string,
  nodes: readonly FloatDense[],
  vectors: Vectors,
  recipe: Recipe,
): QuantizedRun {
  const input = encodingOf(outputRange('linear', rangeOf(observed(nodes[0].name, vectors.calibration), recipe)));
  let state: State = {
    ...vectors,
    bytes: vectors.device.map((values) => quantizeValues(values, input)),
    encoding: input,
  };
  const layers: QuantizedConvolution[] = [];
  const statistics: LayerStatistics[] = [];
  for (const node of nodes) {
    const step = quantizeLayer(asConvolution(node), state, recipe);
    layers.push(step.layer);
    statistics.push(step.statistics);
    state = step.state;
  }
  return { node: { kind: 'quantizedDense', name, layers }, layers: statistics };
}

type State = Pick<Vectors, 'calibration' | 'float'> & {
  readonly bytes: readonly Uint8Array[];
  readonly encoding: QuantizedConvolution['input'] | ReturnType<typeof encodingOf>;
};

function quantizeLayer(layer: FloatConvolution, { calibration, float, bytes, encoding }: State, recipe: Recipe) {
  const run = (values: Float32Array) => activate(layer, preActivation(layer, values));
  const outputs = calibration.map(run);
  const observer = observed(layer.name, outputs);
  const range = outputRange(layer.activation, rangeOf(observer, recipe));
  const nearest = roundedLayer(layer, encoding, range, recipe.method);
  const corrected = recipe.biasCorrection && recipe.method !== 'nncase-0.1';
  const errors = corrected ? roundingErrors(layer, nearest, meanOf(calibration)) : new Float64Array(layer.bias.length);
  const rounded = { ...nearest, bias: layer.bias.map((bias, unit) => bias + errors[unit]) };
  const floats = float.map(run);
  const results = bytes.map((given) => new Uint8Array(toBytes(rounded, accumulate(rounded, given)).buffer));
  const statistics: LayerStatistics = {
    name: layer.name,
    kind: 'dense',
    observed: observer.observed,
    histogram: observer.histogram(HISTOGRAM_PARTS),
    range,
    saturatedShare: observer.shareOutside(range),
    weightScales: weightScaleSpread(rounded.weightScales),
    biasCorrection: correctionSize(errors, rounded.output.scale),
    activationError: rounded.table?.error ?? 0.5,
    snrDb: signalToNoise(floats, results, rounded.output, new Float64Array(layer.bias.length).fill(1)),
  };
  const state: State = { calibration: outputs, float: floats, bytes: results, encoding: rounded.output };
  return { layer: rounded, statistics, state };
}

/** A 1×1 convolution of one pixel. */
function asConvolution({ name, inputs, units, weights, bias, activation }: FloatDense): FloatConvolution {
  return {
    kind: 'convolution',
    name,
    kernel: 1,
    stride: 1,
    input: { channels: inputs, height: 1, width: 1 },
    output: { channels: units, height: 1, width: 1 },
    weights: Float64Array.from(weights),
    bias: Float64Array.from(bias),
    activation,
  };
}

function observed(name: string, vectors: readonly Float32Array[]): RangeObserver {
  const observer = new RangeObserver(name);
  vectors.forEach((values, picture) => observer.add(values, picture));
  return observer;
}

function rangeOf(observer: RangeObserver, { method, percentile }: Recipe) {
  return chooseRange(observer, method, percentile);
}

/** Per unit: Σ (weight − rounded weight) · mean input. */
function roundingErrors(layer: FloatConvolution, rounded: QuantizedConvolution, means: Float64Array): Float64Array {
  return layer.bias.map((_, unit) =>
    means.reduce((sum, mean, input) => {
      const at = unit * means.length + input;
      const weight = (rounded.weights[at] - rounded.weightZeroPoint) * rounded.weightScales[unit];
      return sum + (layer.weights[at] - weight) * mean;
    }, 0),
  );
}

function meanOf(vectors: readonly Float32Array[]): Float64Array {
  const means = new Float64Array(vectors[0].length);
  for (const values of vectors) values.forEach((value, index) => (means[index] += value / vectors.length));
  return means;
}

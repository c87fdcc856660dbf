import type { InputEncoding } from '@graft/model';
import type { MapShape, QuantizationParameters } from '@graft/tensor';

import { outputRange } from './activation-encoding';
import { liveInputs } from './activation-table/live-inputs';
import { meanErrors } from './bias-correction';
import type { Chain, FloatConvolution } from './chain';
import { channelScales, shareAbove, stretched, stretchedLayer } from './channel-scales';
import { chooseRange } from './choose-range';
import type { RangeMethod } from './choose-range';
import { activate, decodePicture, preActivation } from './float-convolution';
import type { LayerStatistics } from './layer-statistics';
import { correctionSize, HISTOGRAM_PARTS, signalToNoise, weightScaleSpread } from './layer-statistics';
import type { QuantizedConvolution, QuantizedGraph } from './quantized-graph';
import { accumulate, toBytes } from './quantized-convolution';
import type { RangeObserver } from './range-observer';
import { roundedLayer } from './rounded-layer';
import { searchRounding } from './search-rounding';

/** Everything that decides how a measured network becomes bytes. */
export interface Recipe {
  /** `nncase-0.1` is that compiler's whole recipe: its ranges, its weights, and nothing else of what follows. */
  readonly method: RangeMethod;
  /** Above 50, at most 100; read by `percentile` only. */
  readonly percentile: number;
  readonly biasCorrection: boolean;
  /** Whether weights are rounded so that the layer's output is close, not each to its nearest step. */
  readonly roundingSearch: boolean;
  /** Whether each channel of a ReLU layer gets a scale of its own, so that quiet channels use all bytes. */
  readonly channelScales: boolean;
}

export interface Quantized {
  readonly graph: QuantizedGraph;
  /** One per layer in bytes, in order. */
  readonly layers: readonly LayerStatistics[];
}

/** A float network and what was measured in it. */
export interface MeasuredNetwork {
  readonly name: string;
  readonly input: MapShape & { readonly encoding: InputEncoding };
  readonly chain: Chain;
  /** One per convolution. */
  readonly observers: readonly RangeObserver[];
  /** Planar bytes: on these the rounding of weights is searched, corrected and measured. */
  readonly pictures: readonly Uint8Array[];
}

/** Quantizes layer by layer, each after what the ones before it lost. Yields the number of layers that are done. */
export function* quantizeLayers(network: MeasuredNetwork, recipe: Recipe): Generator<number, Quantized> {
  const { name, chain, observers, pictures } = network;
  const { encoding, ...shape } = network.input;
  const input = { ...shape, scale: encoding.scale, zeroPoint: zeroPointOf(encoding) };
  let state: State = {
    floats: pictures.map((picture) => decodePicture(picture, encoding)),
    bytes: pictures,
    encoding: input,
  };
  const convolutions: QuantizedConvolution[] = [];
  const layers: LayerStatistics[] = [];
  for (const [index, layer] of chain.convolutions.entries()) {
    const isLast = index === chain.convolutions.length - 1;
    const step = quantizeLayer(layer, observers[index], state, recipe, isLast);
    convolutions.push(step.layer);
    layers.push(step.statistics);
    state = step.state;
    yield index + 1;
  }
  return { graph: { name, input, convolutions, tail: chain.tail }, layers };
}

/** Both networks' feature maps in front of a layer, one per picture. */
interface State {
  readonly floats: readonly Float32Array[];
  readonly bytes: readonly Uint8Array[];
  readonly encoding: QuantizationParameters;
  /** What each channel of the bytes is stretched by. */
  readonly factors?: Float64Array;
}

function quantizeLayer(
  layer: FloatConvolution,
  observer: RangeObserver,
  state: State,
  recipe: Recipe,
  isLast: boolean,
) {
  const reference = recipe.method === 'nncase-0.1';
  // What follows the last convolution knows no channels of its own scale.
  const scales = recipe.channelScales && !reference && !isLast ? channelScales(layer, observer.peaks) : undefined;
  const range = scales?.range ?? outputRange(layer.activation, chooseRange(observer, recipe.method, recipe.percentile));
  const real = stretchedLayer(layer, state.factors, scales?.factors);
  const nearest = roundedLayer(real, state.encoding, range, recipe.method);
  const before = state.floats.map((values) => preActivation(layer, values));
  const target = before.map((values) => stretched(values, scales?.factors));
  const uncorrected =
    recipe.roundingSearch && !reference
      ? { ...nearest, weights: searchRounding(nearest, real.weights, state.bytes, target) }
      : nearest;
  const sums = state.bytes.map((bytes) => accumulate(uncorrected, bytes));
  const errors =
    recipe.biasCorrection && !reference
      ? meanErrors(target, sums, real.bias, liveInputs(range, uncorrected.table))
      : new Float64Array(real.bias.length);
  const rounded = { ...uncorrected, bias: real.bias.map((bias, channel) => bias + errors[channel]) };

  const floats = before.map((values) => activate(layer, values));
  const bytes = sums.map((values) => new Uint8Array(toBytes(rounded, values).buffer));
  const { scale, zeroPoint } = rounded.output;
  const statistics: LayerStatistics = {
    name: layer.name,
    kind: layer.kind,
    observed: observer.observed,
    histogram: observer.histogram(HISTOGRAM_PARTS),
    range,
    saturatedShare: scales === undefined ? observer.shareOutside(range) : shareAbove(floats, scales),
    weightScales: weightScaleSpread(rounded.weightScales),
    biasCorrection: correctionSize(errors, scale),
    activationError: rounded.table?.error ?? 0.5,
    snrDb: signalToNoise(floats, bytes, rounded.output, scales?.factors ?? new Float64Array(errors.length).fill(1)),
  };
  const next: State = { floats, bytes, encoding: { scale, zeroPoint }, ...(scales && { factors: scales.factors }) };
  return { layer: rounded, statistics, state: next };
}

/** To 1/4096 of a byte: 127.5 comes out as 127.5, and sums of such numbers stay exact. */
export function zeroPointOf({ scale, offset }: InputEncoding): number {
  return Math.round((-offset / scale) * 4096) / 4096 + 0;
}

import type { InputEncoding } from '@graft/model';
import type { MapShape, QuantizationParameters } from '@graft/tensor';

import { outputRange } from './activation-encoding';
import { liveInputs } from './activation-table/live-inputs';
import { meanErrors } from './bias-correction';
import type { Chain, FloatConvolution } from './chain';
import { channelScales, isUneven, shareAbove, stretched, stretchedLayer } from './channel-scales';
import { chooseRange } from './choose-range';
import type { RangeMethod } from './choose-range';
import { fitWeights } from './fit-weights';
import { activate } from './float-convolution';
import type { LayerStatistics } from './layer-statistics';
import { correctionSize, HISTOGRAM_PARTS, signalToNoise, weightScaleSpread } from './layer-statistics';
import type { QuantizedConvolution, QuantizedGraph } from './quantized-graph';
import { toBytes } from './quantized-convolution';
import type { RangeObserver } from './range-observer';
import { roundedLayer } from './rounded-layer';
import { joined, evenPixels } from './sample-windows';

/** Everything that decides how a measured network becomes bytes. */
export interface Recipe {
  /** `nncase-0.1` is that compiler's whole recipe: its ranges, its weights, and nothing else of what follows. */
  readonly method: RangeMethod;
  /** Above 50, at most 100; read by `percentile` only. */
  readonly percentile: number;
  readonly biasCorrection: boolean;
  /** Whether weights are rounded so that the layer's output is close, not each to its nearest step. */
  readonly roundingSearch: boolean;
  /**
   * Whether each channel of a ReLU layer gets a scale of its own, so that quiet channels use all bytes; `auto`: where
   * calibration finds the channels of the layer uneven.
   */
  readonly channelScales: boolean | 'auto';
}

export interface Quantized {
  readonly graph: QuantizedGraph;
  /** One per layer in bytes, in order. */
  readonly layers: readonly LayerStatistics[];
}

export interface QuantizedLayers extends Quantized {
  /** One per convolution: where its weights lay before they were rounded, in steps from the zero point. */
  readonly unrounded: readonly Float32Array[];
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
  /** What each convolution gives for each of these pictures before its activation, [picture][convolution]. */
  readonly samples: readonly PictureSamples[];
}

/** One per convolution: planar values [channel][pixel] at the `evenPixels` of the map. */
export type PictureSamples = readonly Float32Array[];

/** Runs one layer on planar bytes, one map a picture. */
export type RunLayer = (layer: QuantizedConvolution, maps: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>;

/** Quantizes layer by layer, each after what the ones before it lost. `done` is told how many layers are ready. */
export async function quantizeLayers(
  network: MeasuredNetwork,
  recipe: Recipe,
  run: RunLayer,
  done: (layers: number) => Promise<void>,
): Promise<QuantizedLayers> {
  const { name, chain, observers, pictures, samples } = network;
  const { encoding, ...shape } = network.input;
  const input = { ...shape, scale: encoding.scale, zeroPoint: zeroPointOf(encoding) };
  let state: State = { maps: pictures, encoding: input };
  const convolutions: QuantizedConvolution[] = [];
  const layers: LayerStatistics[] = [];
  const unrounded: Float32Array[] = [];
  for (const [index, layer] of chain.convolutions.entries()) {
    const isLast = index === chain.convolutions.length - 1;
    const before = joined(
      samples.map((picture) => picture[index]),
      layer.output.channels,
    );
    const step = quantizeLayer({ layer, observer: observers[index], before, isLast }, state, recipe);
    convolutions.push(step.layer);
    layers.push(step.statistics);
    unrounded.push(step.unrounded);
    if (!isLast) state = { ...step.next, maps: await run(step.layer, state.maps) };
    await done(index + 1);
  }
  return { graph: { name, input, convolutions, tail: chain.tail }, layers, unrounded };
}

/** What the quantized network gives in front of a layer. */
interface State {
  /** One per picture. */
  readonly maps: readonly Uint8Array[];
  readonly encoding: QuantizationParameters;
  /** What each channel of the bytes is stretched by. */
  readonly factors?: Float64Array;
}

interface MeasuredLayer {
  readonly layer: FloatConvolution;
  readonly observer: RangeObserver;
  /** Of the float network, [output][sample], bias included. */
  readonly before: Float32Array;
  readonly isLast: boolean;
}

function quantizeLayer({ layer, observer, before, isLast }: MeasuredLayer, state: State, recipe: Recipe) {
  const reference = recipe.method === 'nncase-0.1';
  // What follows the last convolution knows no channels of its own scale.
  const wanted = recipe.channelScales === 'auto' ? isUneven(observer.peaks) : recipe.channelScales;
  const scales = wanted && !reference && !isLast ? channelScales(layer, observer.peaks) : undefined;
  const range = scales?.range ?? outputRange(layer.activation, chooseRange(observer, recipe.method, recipe.percentile));
  const real = stretchedLayer(layer, state.factors, scales?.factors);
  const nearest = roundedLayer(real, state.encoding, range, recipe.method);
  const target = stretched(before, scales?.factors);
  const live = liveInputs(range, nearest.table);
  const pixels = evenPixels(layer.output, before.length / layer.output.channels / state.maps.length);
  const search = recipe.roundingSearch && !reference;
  const { layer: uncorrected, sums } = fitWeights(nearest, real, { maps: state.maps, pixels, target, live }, search);
  const errors =
    recipe.biasCorrection && !reference
      ? meanErrors(target, sums, real.bias, live)
      : new Float64Array(real.bias.length);
  const rounded = { ...uncorrected, bias: real.bias.map((bias, channel) => bias + errors[channel]) };

  const floats = activate(layer, before);
  const bytes = new Uint8Array(toBytes(rounded, sums).buffer);
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
    snrDb: signalToNoise([floats], [bytes], rounded.output, scales?.factors ?? new Float64Array(errors.length).fill(1)),
  };
  return {
    layer: rounded,
    statistics,
    unrounded: inSteps(real.weights, rounded.weightScales),
    next: { encoding: { scale, zeroPoint }, ...(scales && { factors: scales.factors }) },
  };
}

function inSteps(weights: Float64Array, scales: Float64Array): Float32Array {
  const perOutput = weights.length / scales.length;
  return Float32Array.from(weights, (weight, at) => weight / (scales[Math.floor(at / perOutput)] || Infinity));
}

/** To 1/4096 of a byte: 127.5 comes out as 127.5, and sums of such numbers stay exact. */
export function zeroPointOf({ scale, offset }: InputEncoding): number {
  return Math.round((-offset / scale) * 4096) / 4096 + 0;
}

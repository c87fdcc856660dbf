import type { Report } from '@graft/foundation';
import type { Graph, InputEncoding } from '@graft/model';
import type { QuantizationParameters } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import { encodingOf, outputRange } from './activation-encoding';
import { meanErrors } from './bias-correction';
import type { FloatConvolution } from './chain';
import { chainOf } from './chain';
import { channelScales, stretched, stretchedLayer } from './channel-scales';
import { chooseRange } from './choose-range';
import type { RangeMethod } from './choose-range';
import { badPercentile, badScale, encodingWithoutZero, noCalibration, wrongPictureSize } from './errors';
import { activate, decodePicture, preActivation } from './float-convolution';
import type { LayerStatistics } from './layer-statistics';
import { correctionSize, signalToNoise, weightScaleSpread } from './layer-statistics';
import { measureRanges } from './measure-ranges';
import { quantizeWeights } from './quantize-weights';
import type { QuantizedConvolution, QuantizedGraph } from './quantized-graph';
import { accumulate, toBytes } from './quantized-convolution';
import type { Range, RangeObserver } from './range-observer';
import { referenceWeights } from './reference-weights';
import { breathe } from './run-tasks';
import { searchRounding } from './search-rounding';
import { IN_PLACE } from './tasks';
import type { TaskRunner } from './tasks';

export interface QuantizeOptions {
  /** Planar bytes [channel][row][column], train pictures only. */
  readonly calibration: readonly Uint8Array[];
  /** `nncase-0.1` is that compiler's whole recipe: its ranges, its weights, and no bias correction. */
  readonly method: RangeMethod;
  /** Above 50, at most 100; read by `percentile` only. */
  readonly percentile: number;
  readonly biasCorrection: boolean;
  /** Whether weights are rounded so that the layer's output is close, not each to its nearest step. */
  readonly roundingSearch: boolean;
  /** Whether each channel of a ReLU layer gets a scale of its own, so that quiet channels use all bytes. */
  readonly channelScales: boolean;
  /** Where the work on pictures runs; by default on the thread of the caller. The result is the same anywhere. */
  readonly tasks?: TaskRunner;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface Quantized {
  readonly graph: QuantizedGraph;
  /** One per convolution, in order. */
  readonly layers: readonly LayerStatistics[];
}

/** Pictures on which the rounding of weights is corrected and measured; six are known to be enough. */
const CORRECTION_PICTURES = 8;

/**
 * Weight steps below this share of (output step / input step) are not used. The chip multiplies by
 * weight step · input step / output step · 2¹⁰ with 15 bits after the point: at 2⁻¹⁵ eleven bits are left to say it with,
 * and one weight step times a full input byte moves the output by 1/128 of a step.
 */
const SMALLEST_WEIGHT_STEP = 2 ** -15;

/**
 * Puts a trained network into bytes: batch norms folded, ranges measured on `calibration`, weights rounded with one
 * symmetric scale per output channel, biases corrected layer by layer for what the rounding did to their means.
 * The first feature map is the picture itself: byte = pixel. The tail stays float32.
 * @throws GraftError E320 … E326; the signal's reason when aborted.
 */
export async function quantizeGraph(graph: Graph, options: QuantizeOptions): Promise<Quantized> {
  check(graph, options);
  const chain = chainOf(graph);
  const work = { ...options, tasks: options.tasks ?? IN_PLACE };
  const { observers } = await measureRanges(graph, chain.convolutions, options.calibration, work);
  const { channels, height, width, encoding } = graph.input;
  const input = { channels, height, width, scale: encoding.scale, zeroPoint: zeroPointOf(encoding) };

  const pictures = evenlySpread(options.calibration, CORRECTION_PICTURES);
  let state: State = {
    floats: pictures.map((picture) => decodePicture(picture, encoding)),
    bytes: pictures,
    encoding: input,
  };
  const convolutions: QuantizedConvolution[] = [];
  const layers: LayerStatistics[] = [];
  for (const [index, layer] of chain.convolutions.entries()) {
    await breathe(options.signal);
    const isLast = index === chain.convolutions.length - 1;
    const step = quantizeLayer(layer, observers[index], state, options, isLast);
    convolutions.push(step.layer);
    layers.push(step.statistics);
    state = step.state;
    const total = chain.convolutions.length;
    options.report({ type: 'progress', task: 'quantizing layers', done: index + 1, total, unit: 'layer' });
  }
  return { graph: { name: graph.name, input, convolutions, tail: chain.tail }, layers };
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
  options: QuantizeOptions,
  isLast: boolean,
) {
  const reference = options.method === 'nncase-0.1';
  // What follows the last convolution knows no channels of its own scale.
  const scales = options.channelScales && !reference && !isLast ? channelScales(layer, observer.peaks) : undefined;
  const range =
    scales?.range ?? outputRange(layer.activation, chooseRange(observer, options.method, options.percentile));
  const real = stretchedLayer(layer, state.factors, scales?.factors);
  const nearest = roundedLayer(real, state.encoding, range, options.method);
  const before = state.floats.map((values) => preActivation(layer, values));
  const target = before.map((values) => stretched(values, scales?.factors));
  const uncorrected =
    options.roundingSearch && !reference
      ? { ...nearest, weights: searchRounding(nearest, real.weights, state.bytes, target) }
      : nearest;
  const sums = state.bytes.map((bytes) => accumulate(uncorrected, bytes));
  const errors =
    options.biasCorrection && !reference
      ? meanErrors(target, sums, real.bias, range)
      : new Float64Array(real.bias.length);
  const rounded = { ...uncorrected, bias: real.bias.map((bias, channel) => bias + errors[channel]) };

  const floats = before.map((values) => activate(layer, values));
  const bytes = sums.map((values) => new Uint8Array(toBytes(rounded, values).buffer));
  const { scale, zeroPoint } = rounded.output;
  const statistics: LayerStatistics = {
    name: layer.name,
    kind: layer.kind,
    observed: observer.observed,
    range,
    saturatedShare: observer.shareOutside(range),
    weightScales: weightScaleSpread(rounded.weightScales),
    biasCorrection: correctionSize(errors, scale),
    snrDb: signalToNoise(floats, bytes, rounded.output, scales?.factors ?? new Float64Array(errors.length).fill(1)),
  };
  const next: State = { floats, bytes, encoding: { scale, zeroPoint }, ...(scales && { factors: scales.factors }) };
  return { layer: rounded, statistics, state: next };
}

function roundedLayer(
  layer: FloatConvolution,
  input: QuantizationParameters,
  range: Range,
  method: RangeMethod,
): QuantizedConvolution {
  const { kind, name, kernel, stride, bias, activation } = layer;
  const { scale: inputScale, zeroPoint: inputZeroPoint } = input;
  const output = encodingOf(range);
  const weights =
    method === 'nncase-0.1'
      ? referenceWeights(layer.weights, layer.output.channels)
      : quantizeWeights(layer.weights, layer.output.channels, (SMALLEST_WEIGHT_STEP * output.scale) / inputScale);
  return {
    kind,
    name,
    kernel,
    stride,
    input: { ...layer.input, scale: inputScale, zeroPoint: inputZeroPoint },
    output: { ...layer.output, ...output },
    weights: weights.bytes,
    weightZeroPoint: weights.zeroPoint,
    weightScales: weights.scales,
    bias,
    activation,
  };
}

function check(graph: Graph, { calibration, method, percentile }: QuantizeOptions): void {
  const { scale, offset } = graph.input.encoding;
  if (!(scale > 0 && Number.isFinite(scale))) throw badScale(scale);
  const zeroPoint = zeroPointOf({ scale, offset });
  if (!(zeroPoint >= 0 && zeroPoint <= 255)) throw encodingWithoutZero(zeroPoint);
  if (method === 'percentile' && !(percentile > 50 && percentile <= 100)) throw badPercentile(percentile);
  if (calibration.length === 0) throw noCalibration();
  const size = sizeOf(graph.input);
  const wrong = calibration.findIndex((picture) => picture.length !== size);
  if (wrong >= 0) throw wrongPictureSize(wrong, calibration[wrong].length, size);
}

/** To 1/4096 of a byte: 127.5 comes out as 127.5, and sums of such numbers stay exact. */
function zeroPointOf({ scale, offset }: InputEncoding): number {
  return Math.round((-offset / scale) * 4096) / 4096 + 0;
}

function evenlySpread<T>(items: readonly T[], count: number): T[] {
  const taken = Math.min(count, items.length);
  return Array.from({ length: taken }, (_, index) => items[Math.floor((index * items.length) / taken)]);
}

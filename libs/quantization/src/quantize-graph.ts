import type { Report } from '@graft/foundation';
import type { Graph } from '@graft/model';
import { sizeOf } from '@graft/tensor';

import { checkAwareTraining, trainAware } from './aware-training/aware-training';
import type { AwareTraining, AwareTrainingReport, Lesson } from './aware-training/aware-training';
import { candidateRecipes, tryRecipes } from './candidates';
import type { Candidate } from './candidates';
import { chainOf } from './chain';
import type { RangeMethod } from './choose-range';
import { putDenseOnKpu } from './dense-on-kpu';
import type { DenseComparison, DenseOnKpu } from './dense-on-kpu';
import { badPercentile, badScale, encodingWithoutZero, noCalibration, wrongPictureSize } from './errors';
import { measureRanges } from './measure-ranges';
import type { Work } from './measure-ranges';
import { evenlySpread } from './evenly-spread';
import { quantizeInSteps } from './quantize-in-steps';
import { zeroPointOf } from './quantize-layers';
import type { Quantized, QuantizedLayers, Recipe } from './quantize-layers';
import { IN_PLACE } from './tasks';
import { tailRanges } from './tail-ranges';
import type { TailRange } from './tail-ranges';
import type { TaskRunner } from './tasks';

export interface QuantizeOptions extends Omit<Recipe, 'method'> {
  /** Planar bytes [channel][row][column], train pictures only. */
  readonly calibration: readonly Uint8Array[];
  /** Output index of the class of each calibration picture; without them, `auto` takes the float network's answers. */
  readonly labels?: readonly number[];
  /** `auto` tries recipes and keeps the best; `roundingSearch` and `channelScales` are then its own to choose. */
  readonly method: RangeMethod | 'auto';
  /** Trains the result in the arithmetic of the device, on the calibration pictures; default: not. */
  readonly awareTraining?: AwareTraining;
  /** Dense layers that run on the KPU; default: none, all stay float32. */
  readonly denseOnKpu?: DenseOnKpu;
  /** Where the work on pictures runs; by default on the thread of the caller. The result is the same anywhere. */
  readonly tasks?: TaskRunner;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface QuantizedNetwork extends Quantized {
  /** What `auto` tried, the chosen one included; empty for other methods. */
  readonly candidates: readonly Candidate[];
  /** What training in the arithmetic of the device did; null where it was not asked for. `layers` tell of before it. */
  readonly awareTraining: AwareTrainingReport | null;
  /** Both forms of the dense layers, where any were meant for the KPU. */
  readonly dense: DenseComparison | null;
  /** Of the float network behind its convolutions, for whoever puts that into whole numbers as well. */
  readonly tail: readonly TailRange[];
}

/**
 * Pictures on which the rounding of weights is searched, corrected and measured. Few of them do for the biases; a search
 * on few finds roundings that fit these pictures only.
 */
const CORRECTION_PICTURES = 64;

/**
 * Puts a trained network into bytes: batch norms folded, ranges measured on `calibration`, weights rounded with one
 * symmetric scale per output channel, biases corrected layer by layer for what the rounding did to their means.
 * The first feature map is the picture itself: byte = pixel. The tail stays float32, but for `denseOnKpu`.
 * @throws GraftError E320 … E329; the signal's reason when aborted.
 */
export async function quantizeGraph(graph: Graph, options: QuantizeOptions): Promise<QuantizedNetwork> {
  check(graph, options);
  const { calibration, labels, method, denseOnKpu } = options;
  const chain = chainOf(graph);
  const work: Work = { ...options, tasks: options.tasks ?? IN_PLACE };
  const correction = evenlySpread(calibration.length, CORRECTION_PICTURES);
  const measured = await measureRanges(graph, chain.convolutions, calibration, correction, work);
  const { observers, logits, samples, pooled } = measured;
  const pictures = correction.map((place) => calibration[place]);
  const network = { name: graph.name, input: graph.input, chain, observers, pictures, samples };
  const judged = { logits, labels, calibration, correction };
  const { recipe, candidates } =
    method === 'auto'
      ? await tryRecipes(network, candidateRecipes(observers, options), judged, work)
      : { recipe: { ...options, method }, candidates: [] };
  const { quantized, awareTraining } = await trainedOn(
    { pictures: calibration, logits },
    await quantizeInSteps(network, recipe, work),
    options,
    work,
  );
  const result = { ...quantized, candidates, awareTraining, tail: tailRanges(chain.tail, pooled) };
  if (denseOnKpu === undefined || denseOnKpu.layers === 0) return { ...result, dense: null };
  return { ...result, ...(await putDenseOnKpu(quantized, denseOnKpu, { ...judged, pooled }, recipe, work)) };
}

async function trainedOn(
  lesson: Lesson,
  { unrounded, ...quantized }: QuantizedLayers,
  { awareTraining }: QuantizeOptions,
  work: Work,
): Promise<{ readonly quantized: Quantized; readonly awareTraining: AwareTrainingReport | null }> {
  if (awareTraining === undefined) return { quantized, awareTraining: null };
  const { graph, report } = await trainAware({ ...quantized, unrounded }, lesson, awareTraining, work);
  return { quantized: { ...quantized, graph }, awareTraining: report };
}

function check(graph: Graph, { calibration, method, percentile, awareTraining }: QuantizeOptions): void {
  const { scale, offset } = graph.input.encoding;
  if (!(scale > 0 && Number.isFinite(scale))) throw badScale(scale);
  const zeroPoint = zeroPointOf({ scale, offset });
  if (!(zeroPoint >= 0 && zeroPoint <= 255)) throw encodingWithoutZero(zeroPoint);
  if (method === 'percentile' && !(percentile > 50 && percentile <= 100)) throw badPercentile(percentile);
  if (calibration.length === 0) throw noCalibration();
  if (awareTraining !== undefined) checkAwareTraining(graph.nodes, awareTraining);
  const size = sizeOf(graph.input);
  const wrong = calibration.findIndex((picture) => picture.length !== size);
  if (wrong >= 0) throw wrongPictureSize(wrong, calibration[wrong].length, size);
}

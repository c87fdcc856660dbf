import type { Report } from '@graft/foundation';
import type { Examples } from '@graft/image';
import type { Graph } from '@graft/model';
import type { QuantizeSettings } from '@graft/pipeline';
import { quantizeGraph } from '@graft/quantization';
import type { QuantizedNetwork } from '@graft/quantization';
import { calibrationPictures } from './calibration';
import { planes } from './examples';
import { withQuantizeThreads } from './quantize-threads';

export interface QuantizingSets {
  readonly examples: Examples;
  /** Places of the pictures that the network has learned from: it is calibrated on some of them, and trained in 8 bits. */
  readonly learned: readonly number[];
  /** Places of those that judge training in 8 bits. */
  readonly validation: readonly number[];
}

/** Puts a trained network into bytes by one experiment's settings, on all cores. */
export function quantizeFrom(
  { seed, classes, quantize }: QuantizeSettings,
  { examples, learned, validation }: QuantizingSets,
  graph: Graph,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<QuantizedNetwork> {
  const { calibration, weightRounding, channelScales, biasCorrection, denseOnKpu, awareTraining } = quantize;
  const judges = {
    pictures: validation.map((index) => planes(examples, index)),
    labels: validation.map((index) => classes.indexOf(examples.index.examples[index].label)),
  };
  return withQuantizeThreads((tasks) =>
    quantizeGraph(graph, {
      ...calibrationPictures(examples, learned, calibration.samples, seed, classes),
      method: calibration.method,
      percentile: calibration.percentile,
      biasCorrection,
      roundingSearch: weightRounding === 'search',
      channelScales,
      denseOnKpu,
      ...(awareTraining === null ? {} : { awareTraining: { ...awareTraining, seed, validation: judges } }),
      tasks,
      report,
      signal,
    }),
  );
}

/** What training in 8 bits did, in one line; null where there was none. */
export function describeAwareTraining({ awareTraining }: QuantizedNetwork): string | null {
  if (awareTraining === null) return null;
  const { before, epochs, kept, validationPictures: pictures } = awareTraining;
  const right = (share: number): number => Math.round(share * pictures);
  const best = Math.max(...epochs.map(({ deviceAccuracy }) => deviceAccuracy));
  const verdict = kept === null ? 'not kept' : `epoch ${kept} of ${epochs.length} is kept`;
  return `trained in 8 bits: ${right(before)} of ${pictures} validation pictures right before, ${right(best)} after; ${verdict}`;
}

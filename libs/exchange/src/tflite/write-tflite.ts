import { canonicalJson } from '@graft/foundation';
import type { Graph } from '@graft/model';
import type { QuantizedGraph, TailRange } from '@graft/quantization';

import { checkLabels } from '../check-labels';
import type { ExportedFile } from '../exported-file';
import { renderCard } from '../model-card';
import type { ModelCard } from '../model-card';
import { floatNetwork } from './float-network';
import { int8Network } from './int8-network';
import type { TfliteModel, TfliteTensor } from './tflite-model';
import { writeModel } from './write-model';

/** Under which the card stands among the metadata of a file. */
export const CARD_NAME = 'graft.card';

export interface TfliteOptions {
  readonly card: ModelCard;
  /** Name of the files. */
  readonly name: string;
  /** Whether the trained network is written as it is. */
  readonly float32: boolean;
  /** What quantization has made of it; null: no file in whole numbers. */
  readonly int8: { readonly graph: QuantizedGraph; readonly ranges: readonly TailRange[] } | null;
}

/**
 * `<name>-float32.tflite`, `<name>-int8.tflite`, `labels.txt` and `<name>.json`, which has the card and says how input and output
 * of each file are encoded. @throws GraftError E802, E841, E842, E843, E844
 */
export function writeTflite(graph: Graph, { card, name, float32, int8 }: TfliteOptions): readonly ExportedFile[] {
  checkLabels(graph, card);
  const metadata = { [CARD_NAME]: renderCard(card) };
  const models = [
    ...(float32 ? [{ path: `${name}-float32.tflite`, model: floatNetwork(graph, metadata) }] : []),
    ...(int8 ? [{ path: `${name}-int8.tflite`, model: int8Network(int8.graph, int8.ranges, metadata) }] : []),
  ];
  const files = Object.fromEntries(models.map(({ path, model }) => [path, endsOf(model)]));
  return [
    ...models.map(({ path, model }) => ({ path, bytes: writeModel(model) })),
    { path: 'labels.txt', bytes: Buffer.from(card.labels.map((label) => `${label}\n`).join('')) },
    { path: `${name}.json`, bytes: Buffer.from(canonicalJson({ ...card, files })) },
  ];
}

const endsOf = ({ tensors, input, output }: TfliteModel) => ({
  input: endOf(tensors[input]),
  output: endOf(tensors[output]),
});

function endOf({ name, type, quantization }: TfliteTensor) {
  if (quantization === undefined) return { name, type };
  return { name, type, scale: quantization.scales[0], zeroPoint: quantization.zeroPoints[0] };
}

import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { canonicalJson } from '@graft/foundation';
import type { Graph } from '@graft/model';

import { checkLabels } from '../check-labels';
import type { ExportedFile } from '../exported-file';
import { writeHdf5 } from '../hdf5/write-hdf5';
import type { ModelCard } from '../model-card';
import { kerasModel } from './keras-model';

/** The first moment that an entry's date can express. */
const MOMENT = new Date(1980, 0, 1);
/** The oldest that knows all of the configuration. */
const KERAS_VERSION = '3.0.0';

export interface KerasOptions {
  readonly card: ModelCard;
  /** Name of the files. */
  readonly name: string;
}

/**
 * `<name>.keras`, which Keras 3 loads with `keras.saving.load_model`, on any of its back ends; `labels.txt`, and `<name>.json` with
 * the card. Equal networks give equal bytes: fixed dates, nothing compressed. @throws GraftError E802
 */
export async function writeKeras(graph: Graph, { card, name }: KerasOptions): Promise<readonly ExportedFile[]> {
  checkLabels(graph, card);
  const { config, weights } = kerasModel(graph);
  const zip = new ZipFile();
  const add = (entry: string, bytes: Uint8Array): void =>
    zip.addBuffer(Buffer.from(bytes), entry, {
      ...{ mtime: MOMENT, mode: 0o100644, compress: false, forceDosTimestamp: true },
    });
  // Keras reads no more than the two that follow; the card is for people and for other programs.
  add('metadata.json', Buffer.from(canonicalJson({ keras_version: KERAS_VERSION, graft: card })));
  add('config.json', Buffer.from(JSON.stringify(config)));
  add('model.weights.h5', writeHdf5(weights));
  zip.end({ forceZip64Format: false, comment: '' });
  return [
    { path: `${name}.keras`, bytes: new Uint8Array(await buffer(zip.outputStream)) },
    { path: 'labels.txt', bytes: Buffer.from(card.labels.map((label) => `${label}\n`).join('')) },
    { path: `${name}.json`, bytes: Buffer.from(canonicalJson(card)) },
  ];
}

import { ByteWriter } from '@graft/foundation';

import { writeConvolution } from './convolution';
import { valueDoesNotFit } from './errors';
import type { KModel, KModelLayer } from './kmodel';
import { HEADER, LAYER_HEADER, LAYER_TYPE, OUTPUT, PLAIN_LAYOUTS, TABLE_ENTRY_BYTES } from './layout';
import type { Layout } from './fields';

const BODY_ALIGNMENT = 8;

/** Where the body of a layer stands in the file; padding counts. */
export interface PlacedBody {
  readonly offset: number;
  readonly bytes: number;
}

export interface WrittenKModel {
  readonly bytes: Uint8Array;
  /** One per layer. */
  readonly bodies: readonly PlacedBody[];
}

/**
 * Model → bytes. Offsets, padding, sizes, weight loads and the row layout follow from the model; equal models give
 * equal bytes. @throws GraftError E355 when something cannot be expressed in the format.
 */
export function writeKModel(model: KModel): Uint8Array {
  return writeAndPlace(model).bytes;
}

/** The bytes, and where each layer stands in them. */
export function writeAndPlace(model: KModel): WrittenKModel {
  const writer = new ByteWriter();
  writeHeader(writer, model);
  for (const output of model.outputs) OUTPUT.write(writer, output);
  const table = writer.length;
  for (const { kind } of model.layers) LAYER_HEADER.write(writer, { type: LAYER_TYPE[kind], bodyBytes: 0 });
  const bodies = model.layers.map((layer, index) => {
    const offset = writer.length;
    writeBody(writer, layer, model.weightBits);
    writer.align(BODY_ALIGNMENT);
    const bytes = writer.length - offset;
    writer.patchU32(table + index * TABLE_ENTRY_BYTES + 4, bytes);
    return { offset, bytes };
  });
  return { bytes: writer.finish(), bodies };
}

function writeHeader(writer: ByteWriter, model: KModel): void {
  if (model.mainMemoryBytes % 8 !== 0) throw valueDoesNotFit('mainMemoryBytes', model.mainMemoryBytes);
  HEADER.write(writer, {
    version: 3,
    flags: model.weightBits === 8 ? 1 : 0,
    architecture: 0,
    layerCount: model.layers.length,
    maxStartAddress: model.maxStartAddress,
    mainMemoryBytes: model.mainMemoryBytes,
    outputCount: model.outputs.length,
  });
}

function writeBody(writer: ByteWriter, layer: KModelLayer, weightBits: 8 | 16): void {
  if (layer.kind === 'convolution') return writeConvolution(writer, layer, weightBits);
  // The table has the layout of this very kind, which the type system cannot follow through the index.
  const { write } = PLAIN_LAYOUTS[layer.kind] as Layout<object>;
  write(writer, layer);
}

import { ByteError, ByteReader } from '@graft/foundation';

import { readConvolution } from './convolution';
import {
  bodiesEndEarly,
  bodySizeDiffers,
  bytesLeftOver,
  countsBeyondFile,
  foreignChip,
  inLayer,
  layerNotSupported,
  notVersion3,
  paddingNotZero,
  unknownFlags,
} from './errors';
import type { KModel, KModelLayer, LayerKind } from './kmodel';
import { HEADER, kindOfType, LAYER_HEADER, OUTPUT, PLAIN_LAYOUTS, TABLE_ENTRY_BYTES } from './layout';
import type { Header, LayerHeader } from './layout';

const EIGHT_BIT_WEIGHTS = 1;
const BODY_ALIGNMENT = 8;

/**
 * Bytes → model. Everything in the result is a copy.
 * The zeros after the last layer may be missing: the converter of 2019 counts them and does not write them.
 * @throws ByteError E350 … E354 with the offset of what is wrong.
 */
export function readKModel(bytes: Uint8Array): KModel {
  const reader = new ByteReader(bytes);
  const header = readHeader(reader);
  const outputs = Array.from({ length: header.outputCount }, () => OUTPUT.read(reader));
  const table = Array.from({ length: header.layerCount }, () => LAYER_HEADER.read(reader));
  checkBodies(table, reader);
  const weightBits = header.flags === EIGHT_BIT_WEIGHTS ? 8 : 16;
  const layers: KModelLayer[] = [];
  let offset = reader.offset;
  for (const [index, entry] of table.entries()) {
    layers.push(readLayer(bytes, offset, entry, { index, weightBits, last: index === table.length - 1 }));
    offset += entry.bodyBytes;
  }
  return {
    weightBits,
    maxStartAddress: header.maxStartAddress,
    mainMemoryBytes: header.mainMemoryBytes,
    outputs,
    layers,
  };
}

function readHeader(reader: ByteReader): Header {
  const header = HEADER.read(reader);
  if (header.version !== 3) throw notVersion3(header.version);
  if (header.architecture !== 0) throw foreignChip(header.architecture);
  if (header.flags > EIGHT_BIT_WEIGHTS) throw unknownFlags(header.flags);
  const { layerCount, outputCount } = header;
  if ((layerCount + outputCount) * TABLE_ENTRY_BYTES > reader.remaining) {
    throw countsBeyondFile(layerCount, outputCount, reader.bytes.length);
  }
  return header;
}

/** The bodies fill the rest of the file, but for padding that was not written. */
function checkBodies(table: readonly LayerHeader[], reader: ByteReader): void {
  const promised = table.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  const missing = promised - reader.remaining;
  if (missing >= BODY_ALIGNMENT) throw bodiesEndEarly(reader.bytes.length, missing);
  if (missing < 0) throw bytesLeftOver(reader.offset + promised, -missing);
}

interface LayerContext {
  readonly index: number;
  readonly weightBits: 8 | 16;
  readonly last: boolean;
}

function readLayer(bytes: Uint8Array, start: number, entry: LayerHeader, context: LayerContext): KModelLayer {
  const kind = kindOfType(entry.type);
  try {
    if (kind === undefined) throw layerNotSupported(start, entry.type);
    const reader = new ByteReader(bytes.subarray(0, start + entry.bodyBytes), start);
    const layer = readBody(reader, kind, context.weightBits);
    checkEnd(reader, start, entry, context.last);
    return layer;
  } catch (error) {
    throw error instanceof ByteError ? inLayer(context.index, kind ?? 'unknown', error) : error;
  }
}

function readBody(reader: ByteReader, kind: LayerKind, weightBits: 8 | 16): KModelLayer {
  if (kind === 'convolution') return readConvolution(reader, weightBits);
  // The table has the layout of this very kind, which the type system cannot follow through the index.
  return { kind, ...PLAIN_LAYOUTS[kind].read(reader) } as KModelLayer;
}

function checkEnd(reader: ByteReader, start: number, entry: LayerHeader, last: boolean): void {
  const end = Math.ceil(reader.offset / BODY_ALIGNMENT) * BODY_ALIGNMENT;
  if (end !== start + entry.bodyBytes) throw bodySizeDiffers(start, entry.bodyBytes, end - start);
  const offset = reader.offset;
  const padding = reader.slice(last ? reader.remaining : end - offset);
  const nonZero = padding.findIndex((byte) => byte !== 0);
  if (nonZero >= 0) throw paddingNotZero(offset + nonZero);
}

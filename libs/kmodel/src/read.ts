import { ByteError, ByteReader } from '@graft/foundation';

import { readConvolution } from './convolution';
import {
  bodiesEndEarly,
  bodySizeDiffers,
  bytesLeftOver,
  countsBeyondFile,
  foreignChip,
  inLayer,
  laterVersion,
  layerNotSupported,
  mainMemoryUneven,
  notVersion3,
  paddingNotZero,
  unknownFlags,
} from './errors';
import type { KModel, KModelLayer, LayerKind } from './kmodel';
import { HEADER, kindOfType, LAYER_HEADER, OUTPUT, PLAIN_LAYOUTS, TABLE_ENTRY_BYTES } from './layout';
import type { Header, LayerHeader } from './layout';
import type { PlacedBody } from './write';

const EIGHT_BIT_WEIGHTS = 1;
const BODY_ALIGNMENT = 8;
/** First four bytes of later versions, as a number; the version follows. */
const LDMK = 0x4b4d444c;

/**
 * Bytes → model. Everything in the result is a copy. Nothing is allocated for a count before the bytes behind it were
 * seen to be there, so that time and memory are bounded by the size of the file. What is accepted can be written again.
 * The zeros after the last layer may be missing: the converter of 2019 counts them and does not write them.
 * @throws ByteError E350 … E354 with the offset of what is wrong.
 */
export function readKModel(bytes: Uint8Array): KModel {
  return readAndPlace(bytes).model;
}

/** The model, and where the body of each layer stands, with its padding as the layer table counts it. */
export function readAndPlace(bytes: Uint8Array): { readonly model: KModel; readonly bodies: readonly PlacedBody[] } {
  checkVersion(bytes);
  const reader = new ByteReader(bytes);
  const header = readHeader(reader);
  const outputs = Array.from({ length: header.outputCount }, () => OUTPUT.read(reader));
  const table = Array.from({ length: header.layerCount }, () => LAYER_HEADER.read(reader));
  checkBodies(table, reader);
  const weightBits = header.flags === EIGHT_BIT_WEIGHTS ? 8 : 16;
  const layers: KModelLayer[] = [];
  const bodies: PlacedBody[] = [];
  let offset = reader.offset;
  for (const [index, entry] of table.entries()) {
    layers.push(readLayer(bytes, offset, entry, { index, weightBits, last: index === table.length - 1 }));
    bodies.push({ offset, bytes: entry.bodyBytes });
    offset += entry.bodyBytes;
  }
  const { maxStartAddress, mainMemoryBytes } = header;
  return { model: { weightBits, maxStartAddress, mainMemoryBytes, outputs, layers }, bodies };
}

/** Before the rest of the header: a cut or foreign file shall be told what it is as far as its first bytes show it. */
function checkVersion(bytes: Uint8Array): void {
  if (bytes.length < 4) return;
  const reader = new ByteReader(bytes);
  const version = reader.u32();
  if (version === LDMK) throw laterVersion(reader.remaining >= 4 ? reader.u32() : undefined);
  if (version !== 3) throw notVersion3(version);
}

function readHeader(reader: ByteReader): Header {
  const header = HEADER.read(reader);
  if (header.architecture !== 0) throw foreignChip(header.architecture);
  if (header.flags > EIGHT_BIT_WEIGHTS) throw unknownFlags(header.flags);
  if (header.mainMemoryBytes % BODY_ALIGNMENT !== 0) throw mainMemoryUneven(header.mainMemoryBytes);
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

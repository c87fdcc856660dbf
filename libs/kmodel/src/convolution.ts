import type { ByteReader, ByteWriter } from '@graft/foundation';
import { KPU } from '@graft/k210';

import { packBits, signed, unpackBits, unsigned } from './bits';
import type { BitTable } from './bits';
import {
  blockOutsideBody,
  blocksOverlap,
  paddingNotZero,
  planeTooLarge,
  reservedBitsSet,
  valueDoesNotFit,
  wrongCount,
} from './errors';
import { reachesMainMemory, weightBytes } from './geometry';
import type { ActivationSegment, BatchNormEntry, ConvolutionLayer } from './kmodel';
import { CONVOLUTION_HEAD } from './layout';
import { MAX_STREAMED_PLANE, packRegisters, REGISTER_WORDS, unpackRegisters } from './registers';

const BATCH_NORM_BITS: BitTable<BatchNormEntry> = {
  multiplier: signed(0, 0, 24),
  add: signed(0, 24, 32),
  shift: unsigned(0, 56, 4),
};

/** The bias stands in 16 bytes of its own behind the segments. */
const SEGMENT_BITS: BitTable<Omit<ActivationSegment, 'bias'>> = {
  shift: unsigned(0, 0, 8),
  multiplier: signed(0, 8, 16),
  start: signed(0, 24, 36),
};

/** File offsets are multiples of these; the DMA engine reads the blocks in place. */
const ALIGNMENT = { registers: 8, weights: 128, batchNorm: 128, activation: 256 } as const;

const WORD_BYTES = 8;
const HEAD_FIELD = { registers: 8, weights: 12, batchNorm: 16, activation: 20 } as const;

/** What stands where in a body. */
interface Extent {
  readonly name: string;
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
}

/** The blocks are found by their offsets: their order is the writer's choice. Stops behind the block that ends last. */
export function readConvolution(reader: ByteReader, weightBits: 8 | 16): ConvolutionLayer {
  const bodyStart = reader.offset;
  const head = CONVOLUTION_HEAD.read(reader);
  const extents: Extent[] = [{ name: 'head', start: bodyStart, end: reader.offset }];
  const block = <T>(name: string, start: number, read: () => T): T => {
    if (start < bodyStart || start > reader.bytes.length) throw blockOutsideBody(bodyStart, name, start);
    reader.offset = start;
    const value = read();
    extents.push({ name, start, end: reader.offset });
    return value;
  };
  const registers = block('registers', head.registersOffset, () =>
    unpackRegisters(readWords(reader, REGISTER_WORDS), weightBits, head.registersOffset),
  );
  const weights = block(
    'weights',
    head.weightsOffset,
    () => new Uint8Array(reader.slice(weightBytes(registers, weightBits))),
  );
  const batchNorm = block('batch norm entries', head.batchNormOffset, () =>
    readEntries(reader, BATCH_NORM_BITS, registers.outputChannels),
  );
  const activation = block('activation segments', head.activationOffset, () => readActivation(reader));
  reader.offset = checkGaps(reader.bytes, extents);
  const { flags, mainOut } = head;
  const layer: ConvolutionLayer = { kind: 'convolution', flags, mainOut, registers, weights, batchNorm, activation };
  if (streamsTooMuch(layer)) throw planeTooLarge(head.registersOffset, planeOf(registers));
  return layer;
}

/** Between the blocks stand zeros, so that nothing is lost when the layer is written again. @returns where it ends. */
function checkGaps(bytes: Uint8Array, extents: readonly Extent[]): number {
  const [first, ...rest] = [...extents].sort((a, b) => a.start - b.start);
  let before = first;
  for (const extent of rest) {
    if (extent.start < before.end) throw blocksOverlap(extent.start, extent.name, before.name);
    const nonZero = bytes.subarray(before.end, extent.start).findIndex((byte) => byte !== 0);
    if (nonZero >= 0) throw paddingNotZero(before.end + nonZero);
    before = extent;
  }
  return before.end;
}

/** @throws GraftError E355 when the parts do not fit together or a value does not fit its field. */
export function writeConvolution(writer: ByteWriter, layer: ConvolutionLayer, weightBits: 8 | 16): void {
  checkCounts(layer, weightBits);
  const bodyStart = writer.length;
  const { flags, mainOut, registers } = layer;
  const reserved = { registersOffset: 0, weightsOffset: 0, batchNormOffset: 0, activationOffset: 0 };
  CONVOLUTION_HEAD.write(writer, { flags, mainOut, ...reserved });
  const begin = (block: keyof typeof ALIGNMENT): void => {
    writer.align(ALIGNMENT[block]);
    writer.patchU32(bodyStart + HEAD_FIELD[block], writer.length);
  };
  begin('registers');
  packRegisters(registers, weightBits).forEach((word) => writer.u64(word));
  begin('weights');
  writer.bytes(layer.weights);
  begin('batchNorm');
  for (const entry of layer.batchNorm) writer.u64(packBits(BATCH_NORM_BITS, entry, 1)[0]);
  begin('activation');
  for (const segment of layer.activation) writer.u64(packBits(SEGMENT_BITS, segment, 1)[0]);
  for (const { bias } of layer.activation) writer.u8(bias);
}

function readActivation(reader: ByteReader): ActivationSegment[] {
  const segments = readEntries(reader, SEGMENT_BITS, KPU.activationSegments);
  return segments.map((segment) => ({ ...segment, bias: reader.u8() }));
}

function readEntries<T>(reader: ByteReader, table: BitTable<T>, count: number): Record<keyof T, number>[] {
  const start = reader.offset;
  return readWords(reader, count).map((word, index) => {
    const entry = unpackBits(table, [word]);
    if (packBits(table, entry, 1)[0] !== word) throw reservedBitsSet(start + index * WORD_BYTES, 'a table entry');
    return entry;
  });
}

function readWords(reader: ByteReader, count: number): bigint[] {
  return Array.from({ length: count }, () => reader.u64());
}

function checkCounts(layer: ConvolutionLayer, weightBits: 8 | 16): void {
  const { registers, weights, batchNorm, activation } = layer;
  const expectCount = (what: string, count: number, expected: number): void => {
    if (count !== expected) throw wrongCount(what, count, expected);
  };
  expectCount('bytes of weights', weights.length, weightBytes(registers, weightBits));
  expectCount('batch norm entries', batchNorm.length, registers.outputChannels);
  expectCount('activation segments', activation.length, KPU.activationSegments);
  for (const { bias } of activation) {
    if (!Number.isInteger(bias) || bias < 0 || bias > 255) throw valueDoesNotFit('activation bias', bias);
  }
  if (streamsTooMuch(layer)) throw valueDoesNotFit('bytes of an output plane', planeOf(registers));
}

/** The register for the bytes of a plane has 16 bits; it matters only where the plane goes to main memory. */
function streamsTooMuch(layer: ConvolutionLayer): boolean {
  return reachesMainMemory(layer) && planeOf(layer.registers) > MAX_STREAMED_PLANE;
}

function planeOf({ outputWidth, outputHeight }: ConvolutionLayer['registers']): number {
  return outputWidth * outputHeight;
}

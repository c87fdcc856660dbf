import { rowLayout } from '@graft/k210';

import { packBits, signed, unpackBits, unsigned } from './bits';
import type { BitTable } from './bits';
import { registerContradicts, reservedBitsSet, valueDoesNotFit } from './errors';
import { pooledSize, weightLoads } from './geometry';
import type { ConvolutionRegisters } from './kmodel';

/** Every number in the 12 words of a register block; sizes, channels and bytes are stored less one. */
interface RegisterFields {
  readonly depthwise: number;
  readonly sourceLine: number;
  readonly destinationLine: number;
  readonly inputChannelsLess1: number;
  readonly outputChannelsLess1: number;
  readonly channelsPerLoadLess1: number;
  readonly inputWidthLess1: number;
  readonly inputHeightLess1: number;
  readonly outputWidthLess1: number;
  readonly outputHeightLess1: number;
  readonly kernelType: number;
  readonly poolType: number;
  readonly loadParameters: number;
  readonly dmaBurstSize: number;
  readonly padValue: number;
  readonly loadCoordinates: number;
  readonly loadsLess1: number;
  readonly bytesPerLoad: number;
  readonly channelSwitch: number;
  readonly rowSwitch: number;
  readonly groups: number;
  readonly loadActivation: number;
  readonly writeChannelSwitch: number;
  readonly writeRowSwitch: number;
  readonly writeGroups: number;
  readonly shiftW: number;
  readonly shiftX: number;
  readonly argW: number;
  readonly argX: number;
  readonly argAdd: number;
  readonly planeBytesLess1: number;
  readonly mapBytesLess1: number;
}

/** Word, lowest bit, number of bits. What is not named is 0: the loader or the chip fills it in. */
const REGISTER_BITS: BitTable<RegisterFields> = {
  depthwise: unsigned(0, 3),
  sourceLine: unsigned(1, 0, 15),
  destinationLine: unsigned(1, 32, 15),
  inputChannelsLess1: unsigned(2, 0, 10),
  outputChannelsLess1: unsigned(2, 32, 10),
  channelsPerLoadLess1: unsigned(2, 48, 10),
  inputWidthLess1: unsigned(3, 0, 10),
  inputHeightLess1: unsigned(3, 10, 9),
  outputWidthLess1: unsigned(3, 32, 10),
  outputHeightLess1: unsigned(3, 42, 9),
  kernelType: unsigned(4, 0, 3),
  poolType: unsigned(4, 4, 4),
  loadParameters: unsigned(4, 10),
  dmaBurstSize: unsigned(4, 16, 8),
  padValue: unsigned(4, 24, 8),
  loadCoordinates: unsigned(5, 0),
  loadsLess1: unsigned(5, 1, 6),
  bytesPerLoad: unsigned(5, 15, 17),
  channelSwitch: unsigned(7, 0, 15),
  rowSwitch: unsigned(7, 16, 4),
  groups: unsigned(7, 28, 3),
  loadActivation: unsigned(7, 31),
  writeChannelSwitch: unsigned(8, 0, 15),
  writeRowSwitch: unsigned(8, 16, 4),
  writeGroups: unsigned(8, 20, 3),
  shiftW: unsigned(9, 0, 4),
  shiftX: unsigned(9, 4, 4),
  argW: signed(9, 8, 24),
  argX: signed(9, 32, 24),
  argAdd: signed(10, 0, 40),
  planeBytesLess1: unsigned(11, 16, 16),
  mapBytesLess1: unsigned(11, 32, 32),
};

export const REGISTER_WORDS = 12;

/** Pixels of a plane that can go to main memory. */
export const MAX_STREAMED_PLANE = 2 ** 16;

/** @throws GraftError E355 when the KPU has no room for a value, for example for more than 64 weight loads. */
export function packRegisters(registers: ConvolutionRegisters, weightBits: 8 | 16): bigint[] {
  const { poolType, inputWidth, inputHeight, outputWidth, outputHeight } = registers;
  if (pooledSize(inputWidth, poolType) === undefined) throw valueDoesNotFit('poolType', poolType);
  if (pooledSize(inputWidth, poolType) !== outputWidth) throw valueDoesNotFit('outputWidth', outputWidth);
  if (pooledSize(inputHeight, poolType) !== outputHeight) throw valueDoesNotFit('outputHeight', outputHeight);
  if (registers.depthwise && registers.inputChannels !== registers.outputChannels) {
    throw valueDoesNotFit('outputChannels', registers.outputChannels);
  }
  return packBits(REGISTER_BITS, fieldsOf(registers, weightBits), REGISTER_WORDS);
}

/**
 * @param offset of the block in the file, for the error.
 * @throws ByteError E354 when a field that follows from the geometry says something else.
 */
export function unpackRegisters(words: readonly bigint[], weightBits: 8 | 16, offset: number): ConvolutionRegisters {
  const found = unpackBits(REGISTER_BITS, words);
  const registers = registersOf(found);
  checkGeometry(registers, found, offset);
  const expected = fieldsOf(registers, weightBits);
  for (const name of Object.keys(REGISTER_BITS) as (keyof RegisterFields)[]) {
    if (found[name] !== expected[name]) throw registerContradicts(offset, name, found[name], expected[name]);
  }
  packBits(REGISTER_BITS, found, REGISTER_WORDS).forEach((word, index) => {
    if (word !== words[index]) throw reservedBitsSet(offset + 8 * index, `register word ${index}`);
  });
  return registers;
}

function checkGeometry(registers: ConvolutionRegisters, found: Record<keyof RegisterFields, number>, offset: number) {
  const { inputWidth, inputHeight, outputWidth, outputHeight, poolType } = registers;
  if (found.kernelType > 1) throw registerContradicts(offset, 'kernelType', found.kernelType, 1);
  const width = pooledSize(inputWidth, poolType);
  const height = pooledSize(inputHeight, poolType);
  if (width === undefined || height === undefined) throw registerContradicts(offset, 'poolType', poolType, 0);
  if (outputWidth !== width) throw registerContradicts(offset, 'outputWidth', outputWidth, width);
  if (outputHeight !== height) throw registerContradicts(offset, 'outputHeight', outputHeight, height);
  if (registers.depthwise && registers.inputChannels !== registers.outputChannels) {
    throw registerContradicts(offset, 'outputChannels', registers.outputChannels, registers.inputChannels);
  }
}

function registersOf(fields: Record<keyof RegisterFields, number>): ConvolutionRegisters {
  return {
    depthwise: fields.depthwise === 1,
    sourceLine: fields.sourceLine,
    destinationLine: fields.destinationLine,
    inputChannels: fields.inputChannelsLess1 + 1,
    outputChannels: fields.outputChannelsLess1 + 1,
    inputHeight: fields.inputHeightLess1 + 1,
    inputWidth: fields.inputWidthLess1 + 1,
    outputHeight: fields.outputHeightLess1 + 1,
    outputWidth: fields.outputWidthLess1 + 1,
    kernel: fields.kernelType === 0 ? 1 : 3,
    poolType: fields.poolType,
    padValue: fields.padValue,
    shiftW: fields.shiftW,
    shiftX: fields.shiftX,
    argW: fields.argW,
    argX: fields.argX,
    argAdd: fields.argAdd,
  };
}

/** The whole block: what a layer states, and what follows from it. */
function fieldsOf(registers: ConvolutionRegisters, weightBits: 8 | 16): RegisterFields {
  const { inputHeight, inputWidth, outputHeight, outputWidth, outputChannels } = registers;
  const loads = weightLoads(registers, weightBits);
  const read = rowLayout(inputWidth);
  const write = rowLayout(outputWidth);
  return {
    depthwise: registers.depthwise ? 1 : 0,
    sourceLine: registers.sourceLine,
    destinationLine: registers.destinationLine,
    inputChannelsLess1: registers.inputChannels - 1,
    outputChannelsLess1: outputChannels - 1,
    channelsPerLoadLess1: loads.channelsPerLoad - 1,
    inputWidthLess1: inputWidth - 1,
    inputHeightLess1: inputHeight - 1,
    outputWidthLess1: outputWidth - 1,
    outputHeightLess1: outputHeight - 1,
    kernelType: registers.kernel === 1 ? 0 : 1,
    poolType: registers.poolType,
    loadParameters: 1,
    dmaBurstSize: 15,
    padValue: registers.padValue,
    loadCoordinates: 1,
    loadsLess1: loads.loads - 1,
    bytesPerLoad: loads.bytesPerLoad,
    channelSwitch: read.rowLines * inputHeight,
    rowSwitch: read.rowLines,
    groups: read.groups,
    loadActivation: 1,
    writeChannelSwitch: write.rowLines * outputHeight,
    writeRowSwitch: write.rowLines,
    writeGroups: write.groups,
    shiftW: registers.shiftW,
    shiftX: registers.shiftX,
    argW: registers.argW,
    argX: registers.argX,
    argAdd: registers.argAdd,
    // 16 bits are too few for a plane of 256×257 pixels; they only matter when the result goes to main memory.
    planeBytesLess1: (outputWidth * outputHeight - 1) % MAX_STREAMED_PLANE,
    mapBytesLess1: outputWidth * outputHeight * outputChannels - 1,
  };
}

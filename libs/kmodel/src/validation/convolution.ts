import { checkActivation } from './activation';
import { checkBatchNorm, convolutionRange } from './batch-norm';
import { checkRegisters, type Registers } from './convolution-registers';
import { NO_EFFECTS, type Effects, type KpuUse } from './effects';
import { alignUp, checkZero, type Body, type Findings } from './finding';

/** flags, main_out, then the file offsets of the four blocks. */
const FIXED_BYTES = 24;
const REGISTER_BYTES = 96;
const ACTIVATION_BYTES = 144;

interface Block {
  readonly name: 'registers' | 'weights' | 'batch-norm table' | 'activation table';
  readonly field: number;
  readonly offset: number;
  readonly bytes: number;
  readonly alignment: number;
}

/** Checks the body of a convolution with its four blocks. Null: too broken to know what it does. */
export function checkConvolution(
  findings: Findings,
  body: Body,
  bodyBytes: number,
  weightBytes: 1 | 2,
): Effects | null {
  const { view, start, end } = body;
  if (start + FIXED_BYTES > end) {
    findings.error(
      'body-size',
      start,
      `a convolution takes at least ${FIXED_BYTES} bytes, the body has ${end - start}`,
    );
    return null;
  }
  const word = (index: number) => view.getUint32(start + 4 * index, true);
  const block = (name: Block['name'], index: number, bytes: number, alignment: number): Block => ({
    name,
    field: start + 4 * index,
    offset: word(index),
    bytes,
    alignment,
  });
  const registerBlock = block('registers', 2, REGISTER_BYTES, 8);
  if (!checkBlock(findings, registerBlock, body)) return null;
  const registers = checkRegisters(findings, view, registerBlock.offset, weightBytes);
  const { outputChannels, depthwise, inputChannels, kernel } = registers;
  const taps = (depthwise ? 1 : inputChannels) * kernel * kernel;
  const weights = block('weights', 3, outputChannels * taps * weightBytes, 128);
  const batchNorm = block('batch-norm table', 4, 8 * outputChannels, 128);
  const activation = block('activation table', 5, ACTIVATION_BYTES, 256);
  // Not `every`: each block shall have its say.
  const present = [weights, batchNorm, activation].filter((one) => checkBlock(findings, one, body));
  if (present.length === 3) {
    checkLayout(findings, body, bodyBytes, [registerBlock, ...present]);
    checkValues(findings, view, registers, weightBytes, weights.offset, batchNorm.offset, activation.offset);
  }
  return effectsOf(findings, view, start, registers);
}

function checkBlock(findings: Findings, { name, field, offset, bytes, alignment }: Block, body: Body): boolean {
  if (offset % alignment !== 0) {
    findings.error('block-alignment', field, `the ${name} stand at ${offset}, which is no multiple of ${alignment}`);
  }
  const inside = offset >= body.start + FIXED_BYTES && offset + bytes <= body.end;
  if (!inside) {
    const place = `${offset} … ${offset + bytes}`;
    findings.error('block-range', field, `the ${name} (${place}) leave the body (${body.start} … ${body.end})`);
  }
  return inside;
}

/** Blocks may come in any order, with zeros between them and up to the next multiple of 8 behind the last. */
function checkLayout(findings: Findings, body: Body, bodyBytes: number, blocks: readonly Block[]): void {
  const sorted = [...blocks].sort((a, b) => a.offset - b.offset);
  let at = body.start + FIXED_BYTES;
  for (const { name, field, offset, bytes } of sorted) {
    if (offset < at) findings.error('block-overlap', field, `the ${name} overlap the block before`);
    else checkZero(findings, body.view, at, offset);
    at = Math.max(at, offset + bytes);
  }
  checkZero(findings, body.view, at, body.end);
  findings.expect('body-size', body.start, 'body size of convolution', bodyBytes, alignUp(at, 8) - body.start);
}

function checkValues(
  findings: Findings,
  view: DataView,
  registers: Registers,
  weightBytes: 1 | 2,
  weightsAt: number,
  batchNormAt: number,
  activationAt: number,
): void {
  const { outputChannels, depthwise, inputChannels, kernel } = registers;
  const taps = (depthwise ? 1 : inputChannels) * kernel * kernel;
  const weight =
    weightBytes === 1
      ? (tap: number) => view.getUint8(weightsAt + tap)
      : (tap: number) => view.getUint16(weightsAt + 2 * tap, true);
  const sums = (channel: number) => convolutionRange(registers, weight, channel * taps);
  const reachable = checkBatchNorm(findings, view, batchNormAt, sums, outputChannels);
  checkActivation(findings, view, activationAt, reachable);
}

function effectsOf(findings: Findings, view: DataView, start: number, registers: Registers): Effects {
  const [flags, mainOut, registersAt] = [0, 4, 8].map((offset) => view.getUint32(start + offset, true));
  if (flags > 1) findings.error('layer-flags', start, `flags are ${flags}; only bit 0 has a meaning`);
  const toMain = (flags & 1) === 1;
  if (!toMain) findings.expect('main-out-unused', start + 4, 'main_out without its flag', mainOut, 0);
  const kpuRead: KpuUse = {
    offset: registersAt + 8,
    line: registers.sourceLine,
    channels: registers.inputChannels,
    height: registers.inputHeight,
    width: registers.inputWidth,
  };
  const kpuWrite: KpuUse = {
    offset: registersAt + 8,
    line: registers.destinationLine,
    channels: registers.outputChannels,
    height: registers.outputHeight,
    width: registers.outputWidth,
  };
  const bytes = kpuWrite.channels * kpuWrite.height * kpuWrite.width;
  const writes = toMain ? [{ offset: start + 4, address: mainOut, bytes, content: 'bytes' as const }] : [];
  return { ...NO_EFFECTS, writes, kpuRead, kpuWrite };
}

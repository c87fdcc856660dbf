import { rowsOf } from './effects';
import type { Findings } from './finding';
import { RegisterBlock } from './register-block';

/** What the register block of a convolution says, as far as other checks need it. */
export interface Registers {
  readonly depthwise: boolean;
  readonly sourceLine: number;
  readonly destinationLine: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly inputWidth: number;
  readonly inputHeight: number;
  /** After pooling. */
  readonly outputWidth: number;
  readonly outputHeight: number;
  /** Edge of the kernel: 1 or 3. */
  readonly kernel: number;
  readonly poolType: number;
  readonly shiftW: number;
  readonly shiftX: number;
  readonly argW: number;
  readonly argX: number;
  readonly argAdd: number;
}

/** Bits of each word that have a meaning; all others are zero. */
const NAMED_BITS: readonly bigint[] = [
  0x0000_0000_0000_000fn,
  0x0000_7fff_0000_7fffn,
  0x03ff_03ff_0000_03ffn,
  0x0007_ffff_0007_ffffn,
  0xffff_ffff_ffff_07ffn,
  0xffff_ffff_ffff_807fn,
  0n,
  0xffff_ffff_ffff_7fffn,
  0x0000_0000_007f_7fffn,
  0x00ff_ffff_ffff_ffffn,
  0x0000_00ff_ffff_ffffn,
  0xffff_ffff_ffff_0001n,
];

/** Fields with one right value in a file. The three addresses are patched by the loader. */
const FIXED: readonly (readonly [rule: string, word: number, from: number, count: number, value: number])[] = [
  ['int-en', 0, 0, 1, 0],
  ['ram-flag', 0, 1, 1, 0],
  ['full-add', 0, 2, 1, 0],
  ['pad-type', 4, 3, 1, 0],
  ['first-stride', 4, 8, 1, 0],
  ['bypass-conv', 4, 9, 1, 0],
  ['load-para', 4, 10, 1, 1],
  ['dma-burst', 4, 16, 8, 15],
  ['patched-address', 4, 32, 32, 0],
  ['load-coor', 5, 0, 1, 1],
  ['patched-address', 5, 32, 32, 0],
  ['coef-size', 7, 20, 8, 0],
  ['load-act', 7, 31, 1, 1],
  ['patched-address', 7, 32, 32, 0],
  ['send-data-out', 11, 0, 1, 0],
];

const LIMITS = { minWidth: 4, maxWidth: 512, minHeight: 4, maxHeight: 256, maxLoads: 64 } as const;
const WEIGHT_BUFFER = { 1: 30 * 1024, 2: 60 * 1024 } as const;

/** Divisor of width and height by pooling code. */
const POOL_STRIDE: readonly number[] = [1, 2, 2, 4, 4, 2, 2, 4, 1, 1];

/** Checks 12 × u64 at `at`. The bytes are known to be there. */
export function checkRegisters(findings: Findings, view: DataView, at: number, weightBytes: 1 | 2): Registers {
  const block = new RegisterBlock(findings, view, at);
  const registers = readRegisters(block);
  NAMED_BITS.forEach((named, word) => block.expectZeroBeside(word, named));
  for (const [rule, word, from, count, value] of FIXED) block.expect(rule, word, from, count, value);
  checkInput(findings, block, registers);
  checkPooling(findings, block, registers);
  checkLoads(findings, block, registers, weightBytes);
  checkSwitches(block, registers);
  return registers;
}

function readRegisters(block: RegisterBlock): Registers {
  return {
    depthwise: block.bits(0, 3, 1) === 1,
    sourceLine: block.bits(1, 0, 15),
    destinationLine: block.bits(1, 32, 15),
    inputChannels: block.bits(2, 0, 10) + 1,
    outputChannels: block.bits(2, 32, 10) + 1,
    inputWidth: block.bits(3, 0, 10) + 1,
    inputHeight: block.bits(3, 10, 9) + 1,
    outputWidth: block.bits(3, 32, 10) + 1,
    outputHeight: block.bits(3, 42, 9) + 1,
    kernel: block.bits(4, 0, 3) === 0 ? 1 : 3,
    poolType: block.bits(4, 4, 4),
    shiftW: block.bits(9, 0, 4),
    shiftX: block.bits(9, 4, 4),
    argW: block.signedBits(9, 8, 24),
    argX: block.signedBits(9, 32, 24),
    argAdd: block.signedBits(10, 0, 40),
  };
}

function checkInput(findings: Findings, block: RegisterBlock, registers: Registers): void {
  const { inputWidth, inputHeight, inputChannels, outputChannels, depthwise } = registers;
  const { minWidth, maxWidth, minHeight, maxHeight } = LIMITS;
  if (inputWidth < minWidth || inputWidth > maxWidth) {
    findings.error('input-size', block.offset(3), `input width ${inputWidth} is not ${minWidth} … ${maxWidth}`);
  }
  if (inputHeight < minHeight || inputHeight > maxHeight) {
    findings.error('input-size', block.offset(3), `input height ${inputHeight} is not ${minHeight} … ${maxHeight}`);
  }
  if (depthwise && inputChannels !== outputChannels) {
    const text = `a depthwise layer has ${inputChannels} channels in and ${outputChannels} out`;
    findings.error('depthwise-channels', block.offset(2), text);
  }
  const kernelType = block.bits(4, 0, 3);
  if (kernelType > 1) findings.error('kernel-type', block.offset(4), `kernel type ${kernelType} is neither 0 nor 1`);
}

function checkPooling(findings: Findings, block: RegisterBlock, registers: Registers): void {
  const { depthwise, poolType, inputWidth, inputHeight, outputWidth, outputHeight } = registers;
  const offset = block.offset(3);
  if (outputWidth < LIMITS.minWidth || outputHeight < LIMITS.minHeight) {
    findings.error('output-size', offset, `output of ${outputWidth}×${outputHeight} is below 4×4`);
  }
  if (depthwise && poolType !== 0) {
    findings.error('depthwise-pooling', block.offset(4), `pooling ${poolType} in a depthwise layer`);
  }
  if (poolType >= POOL_STRIDE.length) {
    findings.error('pool-type', block.offset(4), `pooling code ${poolType} does not exist`);
    return;
  }
  const stride = POOL_STRIDE[poolType];
  findings.expect('output-size', offset, 'output width', outputWidth, Math.floor(inputWidth / stride));
  findings.expect('output-size', offset, 'output height', outputHeight, Math.floor(inputHeight / stride));
  if (inputWidth % stride !== 0 || inputHeight % stride !== 0) {
    findings.warning('pool-remainder', offset, `${inputWidth}×${inputHeight} is no multiple of the stride ${stride}`);
  }
}

/** Weights are loaded in parts that fit the buffer. The last load may be partial; its stated size is not reduced. */
function checkLoads(findings: Findings, block: RegisterBlock, registers: Registers, weightBytes: 1 | 2): void {
  const { depthwise, inputChannels, outputChannels, kernel } = registers;
  const channelBytes = (depthwise ? 1 : inputChannels) * kernel * kernel * weightBytes;
  const perLoad = depthwise
    ? outputChannels
    : Math.min(outputChannels, Math.floor(WEIGHT_BUFFER[weightBytes] / channelBytes));
  const loads = Math.ceil(outputChannels / perLoad);
  block.expect('coef-channels', 2, 48, 10, perLoad - 1);
  block.expect('para-size', 5, 15, 17, perLoad * channelBytes);
  if (loads <= LIMITS.maxLoads) block.expect('load-time', 5, 1, 6, loads - 1);
  else
    findings.error(
      'load-count',
      block.offset(5),
      `weights take ${loads} loads, at most ${LIMITS.maxLoads} are possible`,
    );
}

function checkSwitches(block: RegisterBlock, registers: Registers): void {
  const { inputWidth, inputHeight, outputWidth, outputHeight, outputChannels } = registers;
  const [input, output] = [rowsOf(inputWidth), rowsOf(outputWidth)];
  block.expect('channel-switch', 7, 0, 15, input.rowLines * inputHeight);
  block.expect('row-switch', 7, 16, 4, input.rowLines);
  block.expect('coef-group', 7, 28, 3, input.groups);
  block.expect('wb-channel-switch', 8, 0, 15, output.rowLines * outputHeight);
  block.expect('wb-row-switch', 8, 16, 4, output.rowLines);
  block.expect('wb-group', 8, 20, 3, output.groups);
  block.expect('channel-byte-num', 11, 16, 16, outputWidth * outputHeight - 1);
  block.expect('dma-total-byte', 11, 32, 32, outputWidth * outputHeight * outputChannels - 1);
}

/** The registers that tests of KPU layers set most; the other ones are 0. Lines of 64 bytes in KPU RAM. */
const REGISTERS = {
  depthwise: true,
  sourceLine: 0,
  destinationLine: 1000,
  inputChannels: 2,
  outputChannels: 2,
  inputHeight: 4,
  inputWidth: 4,
  outputHeight: 4,
  outputWidth: 4,
  kernel: 1 as 1 | 3,
  poolType: 0,
  padValue: 0,
  shiftW: 0,
  shiftX: 0,
  argW: 0,
  argX: 0,
  argAdd: 0,
};

/**
 * A KPU layer as a kmodel holds it. Without changes it copies its input: depthwise 1×1 over 4×4 maps, every weight 1,
 * batch norm ×1, and an activation of 16 segments that answers 0 … 15 alike and everything larger by the last slope, 1.
 * Where only `inputChannels` is changed, the outputs are as many.
 */
export function kpuConvolution(changes: Partial<typeof REGISTERS> = {}) {
  const registers = { ...REGISTERS, outputChannels: changes.inputChannels ?? REGISTERS.outputChannels, ...changes };
  const { depthwise, inputChannels, outputChannels, kernel } = registers;
  return {
    kind: 'convolution' as const,
    flags: 0,
    mainOut: 0,
    registers,
    weights: new Uint8Array((depthwise ? 1 : inputChannels) * outputChannels * kernel * kernel).fill(1),
    batchNorm: Array.from({ length: outputChannels }, () => ({ multiplier: 1, add: 0, shift: 0 })),
    activation: Array.from({ length: 16 }, (_, index) => ({
      start: index === 0 ? -(2 ** 35) : index - 1,
      multiplier: index === 0 ? 0 : 1,
      shift: 0,
      bias: index === 0 ? 0 : index - 1,
    })),
  };
}

import { KPU } from '@graft/k210';

import { TO_MAIN_MEMORY } from './kmodel';
import type { ConvolutionLayer, ConvolutionRegisters } from './kmodel';

type WeightBits = 8 | 16;

/** How the weights reach the KPU's buffer of 30 KiB (8-bit weights) or 60 KiB (16-bit). */
export interface WeightLoads {
  /** Output channels in one load; the last load may hold fewer. */
  readonly channelsPerLoad: number;
  readonly bytesPerLoad: number;
  /** The register has room for 64. */
  readonly loads: number;
}

/** Bytes of one convolution's weights. */
export function weightBytes(registers: ConvolutionRegisters, weightBits: WeightBits): number {
  return registers.outputChannels * bytesPerOutput(registers, weightBits);
}

/** A depthwise layer loads all weights at once; otherwise as many whole output channels as the buffer takes. */
export function weightLoads(registers: ConvolutionRegisters, weightBits: WeightBits): WeightLoads {
  const { outputChannels, depthwise } = registers;
  const one = bytesPerOutput(registers, weightBits);
  const limit = weightBits === 8 ? KPU.loadBytes8 : KPU.loadBytes16;
  const channelsPerLoad = depthwise ? outputChannels : Math.min(outputChannels, Math.floor(limit / one));
  return { channelsPerLoad, bytesPerLoad: channelsPerLoad * one, loads: Math.ceil(outputChannels / channelsPerLoad) };
}

/**
 * Height or width after pooling; undefined for a code that does not exist. Codes: 0 none; 1 max and 2 mean of 2×2;
 * 3 max and 4 mean of 4×4; 5 left-top and 6 right-top of 2×2; 7 left-top of 4×4; 8 mean and 9 max of 2×2, stride 1.
 */
export function pooledSize(size: number, poolType: number): number | undefined {
  switch (poolType) {
    case 0:
    case 8:
    case 9:
      return size;
    case 1:
    case 2:
    case 5:
    case 6:
      return Math.floor(size / 2);
    case 3:
    case 4:
    case 7:
      return Math.floor(size / 4);
    default:
      return undefined;
  }
}

/** Whether the result goes to main memory as well as to KPU RAM. */
export function reachesMainMemory(layer: ConvolutionLayer): boolean {
  return (layer.flags & TO_MAIN_MEMORY) !== 0;
}

function bytesPerOutput(registers: ConvolutionRegisters, weightBits: WeightBits): number {
  const inputs = registers.depthwise ? 1 : registers.inputChannels;
  return inputs * registers.kernel ** 2 * (weightBits / 8);
}

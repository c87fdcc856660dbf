import { pooledSize, weightBytes, weightLoads } from './geometry';
import type { ConvolutionRegisters } from './kmodel';

const registers = (changes: Partial<ConvolutionRegisters>): ConvolutionRegisters => ({
  depthwise: false,
  sourceLine: 0,
  destinationLine: 0,
  inputChannels: 1,
  outputChannels: 1,
  inputHeight: 8,
  inputWidth: 8,
  outputHeight: 8,
  outputWidth: 8,
  kernel: 1,
  poolType: 0,
  padValue: 0,
  shiftW: 0,
  shiftX: 0,
  argW: 0,
  argX: 0,
  argAdd: 0,
  ...changes,
});

describe('weightLoads', () => {
  test('a small layer is loaded at once', () => {
    const layer = registers({ inputChannels: 3, outputChannels: 24, kernel: 3 });
    expect(weightLoads(layer, 8)).toEqual({ channelsPerLoad: 24, bytesPerLoad: 648, loads: 1 });
  });

  test('a load takes as many whole output channels as fit into 30 KiB', () => {
    // 30720 / 384 = 80 channels; 768 / 80 = 9.6 loads.
    const layer = registers({ inputChannels: 384, outputChannels: 768 });
    expect(weightLoads(layer, 8)).toEqual({ channelsPerLoad: 80, bytesPerLoad: 30720, loads: 10 });
  });

  test('16-bit weights have a buffer of 60 KiB', () => {
    const layer = registers({ inputChannels: 384, outputChannels: 768 });
    expect(weightLoads(layer, 16)).toEqual({ channelsPerLoad: 80, bytesPerLoad: 61440, loads: 10 });
  });

  test('3×3 with 512 channels needs more loads than the register has room for', () => {
    expect(weightLoads(registers({ inputChannels: 512, outputChannels: 512, kernel: 3 }), 8).loads).toBe(86);
  });

  test('a depthwise layer is loaded at once, one kernel per channel', () => {
    const layer = registers({ depthwise: true, inputChannels: 768, outputChannels: 768, kernel: 3 });
    expect(weightLoads(layer, 8)).toEqual({ channelsPerLoad: 768, bytesPerLoad: 6912, loads: 1 });
    expect(weightBytes(layer, 16)).toBe(13824);
  });
});

describe('pooledSize', () => {
  test.each([
    [0, 7],
    [1, 3],
    [2, 3],
    [3, 1],
    [4, 1],
    [5, 3],
    [6, 3],
    [7, 1],
    [8, 7],
    [9, 7],
  ])('code %i makes 7 pixels %i', (poolType, expected) => {
    expect(pooledSize(7, poolType)).toBe(expected);
  });

  test('code 10 does not exist', () => {
    expect(pooledSize(7, 10)).toBeUndefined();
  });
});

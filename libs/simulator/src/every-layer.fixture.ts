import type { ConvolutionLayer, KModel } from '@graft/kmodel';
import { kpuConvolution } from '@graft/testkit';

// For tests only: a model with every kind of layer, each of which reads what an earlier one wrote.

/** Hands on its 4×4 maps, byte by byte. */
const copy = (channels: number, sourceLine: number, destinationLine: number, mainOut?: number): ConvolutionLayer => ({
  ...kpuConvolution({ inputChannels: channels, sourceLine, destinationLine }),
  flags: mainOut === undefined ? 0 : 1,
  mainOut: mainOut ?? 0,
});

const pool = { inputWidth: 4, inputHeight: 4, inputChannels: 4, outputWidth: 2, outputHeight: 2, outputChannels: 4 };
const window = { kernelWidth: 2, kernelHeight: 2, strideWidth: 2, strideHeight: 2, paddingWidth: 0, paddingHeight: 0 };
const larger = { inputWidth: 2, inputHeight: 2, outputWidth: 4, outputHeight: 4, alignCorners: 0 };
const shifts = { offsetA: 0, multiplierA: 1, shiftA: 0, offsetB: 0, multiplierB: 1, shiftB: 0 };
const sum = { ...shifts, outputOffset: 0, outputMultiplier: 1, outputShift: 1 };
const ranges = [1, 2, 3, 4].map((step) => ({ scale: step / 1024, bias: -step / 4 }));

/** Input: 4×4×4 bytes. Output: 16 floats. Results lie behind one another in main memory. */
export const everyLayer: KModel = {
  weightBits: 8,
  maxStartAddress: 0,
  mainMemoryBytes: 1296,
  outputs: [{ address: 1232, size: 64 }],
  layers: [
    copy(4, 0, 1000, 0),
    { kind: 'dequantize', flags: 1, input: 0, output: 64, count: 64, scale: 1 / 64, bias: -1 },
    { kind: 'averagePool', flags: 1, input: 64, output: 320, ...pool, ...window, activation: 0 },
    { kind: 'globalAveragePool', flags: 1, input: 320, output: 384, kernelSize: 4, channels: 4 },
    {
      ...{ kind: 'fullyConnected', flags: 0, input: 384, output: 400, inputChannels: 4, outputChannels: 4 },
      activation: 1,
      weights: Float32Array.from({ length: 16 }, (_, index) => (index % 5) / 4 - 0.5),
      bias: Float32Array.of(0.5, 0, -0.5, 1),
    },
    { kind: 'add', flags: 1, inputA: 384, inputB: 400, output: 416, count: 4 },
    { kind: 'l2Normalization', flags: 1, input: 416, output: 432, channels: 4 },
    { kind: 'logistic', flags: 1, input: 432, output: 448, channels: 4 },
    { kind: 'concat', flags: 1, output: 464, inputs: [{ start: 416, size: 16 }, { start: 448, size: 16 }] }, // prettier-ignore
    { kind: 'flatten', flags: 1, input: 464, output: 496, width: 2, height: 2, channels: 2 },
    { kind: 'resizeNearest', flags: 1, input: 496, output: 528, channels: 2, ...larger },
    { kind: 'quantize', flags: 0, input: 528, output: 656, count: 32, scale: 1 / 64, bias: -1 },
    {
      ...{ kind: 'requantize', flags: 0, input: 656, output: 688, count: 32 },
      table: Uint8Array.from({ length: 256 }, (_, byte) => 255 - byte),
    },
    { kind: 'quantizedAdd', flags: 0, inputA: 656, inputB: 688, output: 720, count: 32, ...sum },
    { kind: 'quantizedConcat', flags: 0, output: 752, inputs: [{ start: 656, size: 32 }, { start: 720, size: 32 }] }, // prettier-ignore
    { kind: 'quantizedMaxPool', flags: 0, input: 752, output: 816, ...pool, ...window },
    { kind: 'quantizedResizeNearest', flags: 0, input: 816, output: 832, channels: 4, ...larger },
    { kind: 'upload', flags: 0, input: 832, destinationLine: 2000, width: 4, height: 4, channels: 4 },
    copy(4, 2000, 3000),
    { kind: 'addPadding', flags: 0, input: 816, destinationLine: 4000, channels: 16 },
    copy(16, 4000, 5000, 896),
    { kind: 'removePadding', flags: 1, input: 896, output: 1152, channels: 16 },
    { kind: 'channelwiseDequantize', flags: 1, input: 1152, output: 1168, channels: 4, channelSize: 4, ranges },
    { kind: 'softmax', flags: 1, input: 1168, output: 1232, channels: 16 },
  ],
};

import { SPEED, mapLines } from '@graft/k210';
import type { KModel, KModelLayer } from '@graft/kmodel';
import type { MapShape } from '@graft/tensor';

/** Milliseconds for one picture, from shapes and published figures; never measured. */
export interface TimeEstimate {
  /** Of each layer of the file, in its order. */
  readonly layerMs: readonly number[];
  /** The picture's way to KPU RAM. */
  readonly pictureMs: number;
  readonly totalMs: number;
  /** The true time should lie between these two. */
  readonly lowMs: number;
  readonly highMs: number;
  readonly framesPerSecond: number;
}

/** One run of the KPU, as far as its time goes. */
export interface TimedRun {
  readonly depthwise: boolean;
  readonly input: MapShape;
  readonly outputChannels: number;
  /** Weights, batch norm and activation table. */
  readonly parameterBytes: number;
  /** What goes to main memory as well. */
  readonly resultBytes: number;
}

/** Work of the processor: how many values it dequantizes, adds up, … */
export interface ProcessorWork {
  readonly kind: 'dequantize' | 'sum' | 'denseMac' | 'exponential' | 'move';
  readonly count: number;
}

const SECONDS: Readonly<Record<ProcessorWork['kind'], number>> = {
  dequantize: SPEED.dequantizeSeconds,
  sum: SPEED.sumSeconds,
  denseMac: SPEED.denseMacSeconds,
  exponential: SPEED.exponentialSeconds,
  move: SPEED.moveSeconds,
};

const ACTIVATION_BYTES = 144;
const BATCH_NORM_BYTES = 8;

/** Start + computation + parameters + result: the published times fit their sum, not the largest of them. */
export function runMs({ depthwise, input, outputChannels, parameterBytes, resultBytes }: TimedRun): number {
  const lines = mapLines(input.channels, input.height, input.width);
  const cycles = depthwise
    ? SPEED.depthwiseCyclesPerLine * lines
    : SPEED.convolutionCyclesPerLine * lines * outputChannels;
  const seconds =
    SPEED.runSeconds +
    cycles / SPEED.clockHz +
    parameterBytes / SPEED.parameterBytesPerSecond +
    resultBytes / SPEED.resultBytesPerSecond;
  return 1e3 * seconds;
}

export function processorMs({ kind, count }: ProcessorWork): number {
  return 1e3 * count * SECONDS[kind];
}

/** Bytes that come to the KPU for a run: weights, 8 bytes a channel, the activation table. */
export function parameterBytes(weightBytes: number, outputChannels: number): number {
  return weightBytes + BATCH_NORM_BYTES * outputChannels + ACTIVATION_BYTES;
}

/** Adds up; `picture` is the first feature map. */
export function timeEstimate(layerMs: readonly number[], picture: MapShape): TimeEstimate {
  const bytes = picture.channels * picture.height * picture.width;
  const pictureMs = (1e3 * bytes) / SPEED.pictureBytesPerSecond;
  const totalMs = layerMs.reduce((sum, ms) => sum + ms, pictureMs);
  return {
    layerMs,
    pictureMs,
    totalMs,
    lowMs: totalMs / SPEED.errorFactor,
    highMs: totalMs * SPEED.errorFactor,
    framesPerSecond: 1e3 / totalMs,
  };
}

/** Estimates any kmodel v3, also one of another compiler. Without a convolution no picture is counted. */
export function estimateTime({ layers }: KModel): TimeEstimate {
  const first = layers.find((layer) => layer.kind === 'convolution');
  const picture = first === undefined ? { channels: 0, height: 0, width: 0 } : inputOf(first.registers);
  return timeEstimate(
    layers.map((layer) => (layer.kind === 'convolution' ? runMs(runOf(layer)) : processorMs(workOf(layer)))),
    picture,
  );
}

type Convolution = Extract<KModelLayer, { kind: 'convolution' }>;

function inputOf({ inputChannels, inputHeight, inputWidth }: Convolution['registers']): MapShape {
  return { channels: inputChannels, height: inputHeight, width: inputWidth };
}

function runOf({ flags, registers, weights }: Convolution): TimedRun {
  const { depthwise, outputChannels, outputHeight, outputWidth } = registers;
  // Bit 0: the result goes to main memory.
  const resultBytes = flags % 2 === 1 ? outputChannels * outputHeight * outputWidth : 0;
  return {
    depthwise,
    input: inputOf(registers),
    outputChannels,
    parameterBytes: parameterBytes(weights.length, outputChannels),
    resultBytes,
  };
}

/** The kinds that our compiler makes; of the others the work is as good as moving their values. */
function workOf(layer: Exclude<KModelLayer, Convolution>): ProcessorWork {
  switch (layer.kind) {
    case 'dequantize':
      return { kind: 'dequantize', count: layer.count };
    case 'globalAveragePool':
      return { kind: 'sum', count: layer.kernelSize * layer.channels };
    case 'fullyConnected':
      return { kind: 'denseMac', count: layer.inputChannels * layer.outputChannels };
    case 'softmax':
    case 'logistic':
    case 'l2Normalization':
      return { kind: 'exponential', count: layer.channels };
    case 'averagePool':
    case 'quantizedMaxPool':
      return {
        kind: 'sum',
        count: layer.outputChannels * layer.outputHeight * layer.outputWidth * layer.kernelHeight * layer.kernelWidth,
      };
    case 'channelwiseDequantize':
      return { kind: 'dequantize', count: layer.channels * layer.channelSize };
    case 'concat':
    case 'quantizedConcat':
      return { kind: 'move', count: layer.inputs.reduce((sum, { size }) => sum + size, 0) };
    case 'flatten':
    case 'upload':
      return { kind: 'move', count: layer.width * layer.height * layer.channels };
    case 'resizeNearest':
    case 'quantizedResizeNearest':
      return { kind: 'move', count: layer.outputWidth * layer.outputHeight * layer.channels };
    case 'addPadding':
    case 'removePadding':
      // One byte of each 4×4 map.
      return { kind: 'move', count: 16 * layer.channels };
    default:
      return { kind: 'move', count: layer.count };
  }
}

import { mapLines } from '@graft/k210';
import { unreachable } from '@graft/foundation';

import { reachesMainMemory } from '../geometry';
import type { ConvolutionLayer, KModelLayer } from '../kmodel';

/** A tensor where a layer reads or writes it. */
export interface Port {
  /** Channels, height, width; a vector has one number, planes of unknown shape two (channels, values). */
  readonly shape: readonly number[];
  readonly content: 'bytes' | 'floats';
  readonly place: Place;
}

/** Lines of KPU RAM (64 bytes each), or bytes of main memory. */
export type Place =
  | { readonly memory: 'kpu'; readonly firstLine: number; readonly lines: number }
  | { readonly memory: 'main'; readonly address: number; readonly bytes: number };

export interface Traffic {
  readonly reads: readonly Port[];
  readonly writes: readonly Port[];
}

/** What a layer reads and writes in both memories, in the order of its fields. */
export function trafficOf(layer: KModelLayer): Traffic {
  switch (layer.kind) {
    case 'convolution':
      return convolutionTraffic(layer);
    case 'add':
      return between([floats(layer.inputA, layer.count), floats(layer.inputB, layer.count)], floats(layer.output, layer.count)); // prettier-ignore
    case 'quantizedAdd':
      return between([bytes(layer.inputA, layer.count), bytes(layer.inputB, layer.count)], bytes(layer.output, layer.count)); // prettier-ignore
    case 'globalAveragePool':
      return between([floats(layer.input, layer.channels, layer.kernelSize)], floats(layer.output, layer.channels));
    case 'quantizedMaxPool':
    case 'averagePool': {
      const element = layer.kind === 'averagePool' ? floats : bytes;
      const input = element(layer.input, layer.inputChannels, layer.inputHeight, layer.inputWidth);
      return between([input], element(layer.output, layer.outputChannels, layer.outputHeight, layer.outputWidth));
    }
    case 'quantize':
      return between([floats(layer.input, layer.count)], bytes(layer.output, layer.count));
    case 'dequantize':
      return between([bytes(layer.input, layer.count)], floats(layer.output, layer.count));
    case 'requantize':
      return between([bytes(layer.input, layer.count)], bytes(layer.output, layer.count));
    case 'l2Normalization':
    case 'softmax':
    case 'logistic':
      return between([floats(layer.input, layer.channels)], floats(layer.output, layer.channels));
    case 'concat':
    case 'quantizedConcat': {
      const [element, unit] = layer.kind === 'concat' ? ([floats, 4] as const) : ([bytes, 1] as const);
      const total = layer.inputs.reduce((sum, { size }) => sum + size, 0);
      const inputs = layer.inputs.map(({ start, size }) => element(start, size / unit));
      return between(inputs, element(layer.output, total / unit));
    }
    case 'fullyConnected':
      return between([floats(layer.input, layer.inputChannels)], floats(layer.output, layer.outputChannels));
    case 'flatten': {
      const { channels, height, width } = layer;
      return between([floats(layer.input, channels, height, width)], floats(layer.output, height, width, channels));
    }
    case 'resizeNearest':
    case 'quantizedResizeNearest': {
      const element = layer.kind === 'resizeNearest' ? floats : bytes;
      const input = element(layer.input, layer.channels, layer.inputHeight, layer.inputWidth);
      return between([input], element(layer.output, layer.channels, layer.outputHeight, layer.outputWidth));
    }
    case 'channelwiseDequantize': {
      const { input, output, channels, channelSize } = layer;
      return between([bytes(input, channels, channelSize)], floats(output, channels, channelSize));
    }
    case 'addPadding':
      return between([bytes(layer.input, layer.channels)], map(layer.destinationLine, layer.channels, 4, 4));
    case 'removePadding':
      return between([bytes(layer.input, layer.channels, 4, 4)], bytes(layer.output, layer.channels));
    case 'upload': {
      const { channels, height, width } = layer;
      const output = map(layer.destinationLine, channels, height, width);
      return between([bytes(layer.input, channels, height, width)], output);
    }
    default:
      return unreachable(layer);
  }
}

function convolutionTraffic(layer: ConvolutionLayer): Traffic {
  const { registers: r } = layer;
  const input = map(r.sourceLine, r.inputChannels, r.inputHeight, r.inputWidth);
  const output = map(r.destinationLine, r.outputChannels, r.outputHeight, r.outputWidth);
  const copy = bytes(layer.mainOut, r.outputChannels, r.outputHeight, r.outputWidth);
  return { reads: [input], writes: reachesMainMemory(layer) ? [output, copy] : [output] };
}

function between(reads: readonly Port[], write: Port): Traffic {
  return { reads, writes: [write] };
}

function bytes(address: number, ...shape: number[]): Port {
  return { shape, content: 'bytes', place: { memory: 'main', address, bytes: countOf(shape) } };
}

function floats(address: number, ...shape: number[]): Port {
  return { shape, content: 'floats', place: { memory: 'main', address, bytes: 4 * countOf(shape) } };
}

function map(firstLine: number, channels: number, height: number, width: number): Port {
  const lines = mapLines(channels, height, width);
  return { shape: [channels, height, width], content: 'bytes', place: { memory: 'kpu', firstLine, lines } };
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

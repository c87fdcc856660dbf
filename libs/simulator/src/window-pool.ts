import type { AveragePoolLayer, QuantizedMaxPoolLayer } from '@graft/kmodel';

import { badParameter } from './errors';
import type { MainMemory } from './memory';

type PoolLayer = AveragePoolLayer | QuantizedMaxPoolLayer;

/** The cells of a window that lie inside the map: from ≤ index < to. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Largest byte of the window inside the map; 0 where none is. */
export function quantizedMaxPool(layer: QuantizedMaxPoolLayer, memory: MainMemory, where: string): Uint8Array {
  const input = memory.bytes(where, layer.input, inputSize(layer));
  const output = memory.bytes(where, layer.output, outputSize(layer));
  forEachWindow(layer, where, (at, plane, rows, columns) => {
    let maximum = 0;
    for (let row = rows.from; row < rows.to; row++) {
      for (let column = columns.from; column < columns.to; column++) {
        maximum = Math.max(maximum, input[plane + row * layer.inputWidth + column]);
      }
    }
    output[at] = maximum;
  });
  return output;
}

/** Mean of the cells inside the map, in single precision. The activation is not applied: the firmware forgets it. */
export function averagePool(layer: AveragePoolLayer, memory: MainMemory, where: string): Float32Array {
  const input = memory.floats(where, layer.input, inputSize(layer));
  const output = memory.floats(where, layer.output, outputSize(layer));
  forEachWindow(layer, where, (at, plane, rows, columns) => {
    let sum = 0;
    for (let row = rows.from; row < rows.to; row++) {
      for (let column = columns.from; column < columns.to; column++) {
        sum = Math.fround(sum + input[plane + row * layer.inputWidth + column]);
      }
    }
    output[at] = sum / ((rows.to - rows.from) * (columns.to - columns.from));
  });
  return output;
}

type VisitWindow = (at: number, plane: number, rows: Span, columns: Span) => void;

/** Calls for each value of the result with its index, the index of its input plane and the window in that plane. */
function forEachWindow(layer: PoolLayer, where: string, visit: VisitWindow): void {
  const { outputChannels, outputHeight, outputWidth, inputHeight, inputWidth } = layer;
  if (outputChannels > layer.inputChannels) throw badParameter(where, 'output channels', outputChannels);
  let at = 0;
  for (let channel = 0; channel < outputChannels; channel++) {
    for (let row = 0; row < outputHeight; row++) {
      const rows = span(row * layer.strideHeight - layer.paddingHeight, layer.kernelHeight, inputHeight);
      for (let column = 0; column < outputWidth; column++, at++) {
        const columns = span(column * layer.strideWidth - layer.paddingWidth, layer.kernelWidth, inputWidth);
        visit(at, channel * inputHeight * inputWidth, rows, columns);
      }
    }
  }
}

function span(start: number, length: number, size: number): Span {
  const from = Math.min(Math.max(start, 0), size);
  return { from, to: Math.max(from, Math.min(start + length, size)) };
}

function inputSize({ inputChannels, inputHeight, inputWidth }: PoolLayer): number {
  return inputChannels * inputHeight * inputWidth;
}

function outputSize({ outputChannels, outputHeight, outputWidth }: PoolLayer): number {
  return outputChannels * outputHeight * outputWidth;
}

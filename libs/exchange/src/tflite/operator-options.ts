import type { Builder } from 'flatbuffers';
import { unreachable } from '@graft/foundation';

import { writeInt32s, writeTable } from './flat-table';
import type { FlatField } from './flat-table';
import { CONV_2D_OPTIONS, DEPTHWISE_OPTIONS, FUSED, PADDINGS } from './schema';
import type { TfliteOperation } from './tflite-model';

/** The table of an operator's options. @returns its offset */
export function writeOptions(out: Builder, operation: TfliteOperation): number {
  return writeTable(out, optionFields(out, operation));
}

/** Those who have no options have an empty table: some readers look into it. */
function optionFields(out: Builder, operation: TfliteOperation): readonly FlatField[] {
  switch (operation.kind) {
    case 'conv2d':
      return windowFields(CONV_2D_OPTIONS, operation);
    case 'depthwiseConv2d':
      return [...windowFields(DEPTHWISE_OPTIONS, operation), [DEPTHWISE_OPTIONS.depthMultiplier, 'int32', 1]];
    case 'fullyConnected':
      return [[0, 'int8', FUSED[operation.fused]]];
    case 'mean':
    case 'reduceMax':
      return [[0, 'int8', Number(operation.keepDims)]];
    case 'concatenation':
      return [[0, 'int32', operation.axis]];
    case 'reshape':
      return [[0, 'offset', writeInt32s(out, operation.shape)]];
    case 'leakyRelu':
      return [[0, 'float32', operation.alpha]];
    case 'softmax':
      // beta: what the scores are multiplied by.
      return [[0, 'float32', 1]];
    case 'add':
    case 'mul':
    case 'pad':
    case 'logistic':
    case 'tanh':
    case 'hardSwish':
    case 'quantize':
      return [];
    default:
      return unreachable(operation);
  }
}

function windowFields(
  slots: Omit<typeof CONV_2D_OPTIONS, 'fused'> | Omit<typeof DEPTHWISE_OPTIONS, 'fused'>,
  { kind, padding, stride, fused }: Extract<TfliteOperation, { kind: 'conv2d' | 'depthwiseConv2d' }>,
): readonly FlatField[] {
  return [
    [slots.padding, 'int8', PADDINGS[padding]],
    [slots.strideWidth, 'int32', stride],
    [slots.strideHeight, 'int32', stride],
    [(kind === 'conv2d' ? CONV_2D_OPTIONS : DEPTHWISE_OPTIONS).fused, 'int8', FUSED[fused]],
    [slots.dilationWidth, 'int32', 1],
    [slots.dilationHeight, 'int32', 1],
  ];
}

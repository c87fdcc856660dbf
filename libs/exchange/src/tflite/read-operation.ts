import { foreignTflite } from '../errors';
import type { FlatTable } from './flat-reader';
import { CONV_2D_OPTIONS, DEPTHWISE_OPTIONS, FUSED, OPERATORS, PADDINGS } from './schema';
import type { FusedActivation, TfliteOperation } from './tflite-model';

/** An operator that is known here, or the number of another one. */
export type ReadOperation = TfliteOperation | { readonly kind: 'other'; readonly code: number };

const KINDS = new Map(
  (Object.keys(OPERATORS) as TfliteOperation['kind'][]).map((kind) => [OPERATORS[kind].code, kind] as const),
);

const MOST_AXES = 8;

/** @param at of the operator, for messages @throws GraftError E845, E846 */
export function readOperation(code: number, options: FlatTable | undefined, at: number): ReadOperation {
  const kind = KINDS.get(code);
  switch (kind) {
    case undefined:
      return { kind: 'other', code };
    case 'conv2d':
    case 'depthwiseConv2d':
      return readWindow(kind, options, at);
    case 'fullyConnected':
      return { kind, fused: readFused(options?.uint8(0) ?? 0, at) };
    case 'mean':
    case 'reduceMax':
      return { kind, keepDims: options?.uint8(0) === 1 };
    case 'concatenation':
      return { kind, axis: options?.int32(0) ?? 0 };
    case 'reshape':
      return { kind, shape: options?.int32s(0, MOST_AXES) ?? [] };
    case 'leakyRelu':
      return { kind, alpha: options?.float32(0) ?? 0 };
    default:
      return { kind };
  }
}

function readWindow(kind: 'conv2d' | 'depthwiseConv2d', options: FlatTable | undefined, at: number): ReadOperation {
  if (options === undefined) throw foreignTflite('a convolution has no options', at);
  const slots = kind === 'conv2d' ? CONV_2D_OPTIONS : DEPTHWISE_OPTIONS;
  const [stride, down] = [options.int32(slots.strideWidth), options.int32(slots.strideHeight)];
  if (stride !== down) throw foreignTflite(`a convolution has strides of ${down} and ${stride}`, at);
  for (const dilation of [options.int32(slots.dilationWidth), options.int32(slots.dilationHeight)])
    // Absent is 1, and reads as 0.
    if (dilation > 1) throw foreignTflite(`a convolution has a dilation of ${dilation}`, at);
  const padding = options.uint8(slots.padding) === PADDINGS.valid ? 'valid' : 'same';
  return { kind, padding, stride, fused: readFused(options.uint8(slots.fused), at) };
}

function readFused(number: number, at: number): FusedActivation {
  const fused = (Object.keys(FUSED) as FusedActivation[]).find((name) => FUSED[name] === number);
  if (fused === undefined) throw foreignTflite(`a layer has the fused activation ${number}`, at);
  return fused;
}

import type { FusedActivation, TfliteOperation, TfliteType } from './tflite-model';

/**
 * Numbers of TensorFlow's schema, `tensorflow/compiler/mlir/lite/schema/schema.fbs` version 3: only what is used here.
 * A slot is the place of a field in its table; a union takes two, its kind before its value.
 */

export const FILE_IDENTIFIER = 'TFL3';
export const SCHEMA_VERSION = 3;
/** What runtimes expect buffers to be aligned to. */
export const BUFFER_ALIGNMENT = 16;

export const MODEL = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadata: 6,
  signatures: 7,
} as const;
export const OPERATOR_CODE = { shortCode: 0, customCode: 1, version: 2, code: 3 } as const;
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;
export const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4 } as const;
export const QUANTIZATION = { scale: 2, zeroPoint: 3, axis: 6 } as const;
export const OPERATOR = { code: 0, inputs: 1, outputs: 2, optionsKind: 3, options: 4 } as const;
export const BUFFER = { data: 0 } as const;
export const METADATA = { name: 0, buffer: 1 } as const;
export const SIGNATURE = { inputs: 0, outputs: 1, key: 2, subgraph: 4 } as const;
export const TENSOR_MAP = { name: 0, tensor: 1 } as const;

export const CONV_2D_OPTIONS = {
  padding: 0,
  strideWidth: 1,
  strideHeight: 2,
  fused: 3,
  dilationWidth: 4,
  dilationHeight: 5,
} as const;
export const DEPTHWISE_OPTIONS = {
  padding: 0,
  strideWidth: 1,
  strideHeight: 2,
  depthMultiplier: 3,
  fused: 4,
  dilationWidth: 5,
  dilationHeight: 6,
} as const;

export const TENSOR_TYPES: Readonly<Record<TfliteType, number>> = { float32: 0, int32: 2, uint8: 3, int8: 9 };
export const FUSED: Readonly<Record<FusedActivation, number>> = { none: 0, relu: 1, relu6: 3 };
export const PADDINGS = { same: 0, valid: 1 } as const;

export interface OperatorNumbers {
  readonly code: number;
  /** Kind of its options in the union. */
  readonly options: number;
  /** Smallest version of the operator that has it for float32, and for int8. */
  readonly version: { readonly float32: number; readonly int8: number };
}

const operator = (code: number, options: number, float32 = 1, int8 = float32): OperatorNumbers => ({
  code,
  options,
  version: { float32, int8 },
});

export const OPERATORS: Readonly<Record<TfliteOperation['kind'], OperatorNumbers>> = {
  add: operator(0, 11),
  concatenation: operator(2, 10, 1, 2),
  conv2d: operator(3, 1, 1, 3),
  depthwiseConv2d: operator(4, 2, 1, 3),
  fullyConnected: operator(9, 8),
  logistic: operator(14, 0, 1, 2),
  mul: operator(18, 21),
  reshape: operator(22, 17),
  softmax: operator(25, 9, 1, 2),
  tanh: operator(28, 0, 1, 2),
  pad: operator(34, 22, 1, 2),
  mean: operator(40, 27, 1, 2),
  reduceMax: operator(82, 27, 1, 2),
  leakyRelu: operator(98, 75),
  quantize: operator(114, 89),
  hardSwish: operator(117, 91),
};

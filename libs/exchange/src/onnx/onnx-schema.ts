import { block, float, integer, many, maybe, message, text } from '../protobuf/message';
import type { MessageOf } from '../protobuf/message';

/**
 * The part of ONNX's schema (`onnx.proto3` of version 1.8, IR version 7) that a convolutional classifier takes; field numbers
 * and enums are those of that file.
 */
const entry = message({ key: maybe(1, text), value: maybe(2, text) });

export const tensorMessage = message({
  dims: many(1, integer),
  dataType: maybe(2, integer),
  floatData: many(4, float),
  int32Data: many(5, integer),
  int64Data: many(7, integer),
  name: maybe(8, text),
  rawData: maybe(9, block),
  externalData: many(13, entry),
  dataLocation: maybe(14, integer),
});

const attribute = message({
  name: maybe(1, text),
  f: maybe(2, float),
  i: maybe(3, integer),
  s: maybe(4, block),
  t: maybe(5, tensorMessage),
  floats: many(7, float),
  ints: many(8, integer),
  type: maybe(20, integer),
});

const node = message({
  input: many(1, text),
  output: many(2, text),
  name: maybe(3, text),
  opType: maybe(4, text),
  attribute: many(5, attribute),
  domain: maybe(7, text),
});

const dimension = message({ dimValue: maybe(1, integer), dimParam: maybe(2, text) });
const shape = message({ dim: many(1, dimension) });
const tensorType = message({ elemType: maybe(1, integer), shape: maybe(2, shape) });
const valueType = message({ tensorType: maybe(1, tensorType) });
const valueInfo = message({ name: maybe(1, text), type: maybe(2, valueType), docString: maybe(3, text) });

const graph = message({
  node: many(1, node),
  name: maybe(2, text),
  initializer: many(5, tensorMessage),
  docString: maybe(10, text),
  input: many(11, valueInfo),
  output: many(12, valueInfo),
});

export const modelMessage = message({
  irVersion: maybe(1, integer),
  producerName: maybe(2, text),
  docString: maybe(6, text),
  graph: maybe(7, graph),
  opsetImport: many(8, message({ domain: maybe(1, text), version: maybe(2, integer) })),
  metadataProps: many(14, entry),
});

export type OnnxModel = MessageOf<typeof modelMessage>;
export type OnnxNode = MessageOf<typeof node>;
export type OnnxAttribute = MessageOf<typeof attribute>;
export type OnnxTensor = MessageOf<typeof tensorMessage>;
export type OnnxValue = MessageOf<typeof valueInfo>;

/** TensorProto.DataType */
export const DATA_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;

/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const;

/** TensorProto.DataLocation */
export const EXTERNAL = 1;

/**
 * Version of the operators. 13 is the first with a scale for each channel in QuantizeLinear; later ones bring nothing that
 * is needed here, and old runtimes (TensorRT 8 on a Jetson Nano) do not know them.
 */
export const OPSET = 13;
/** Goes with opset 13. */
export const IR_VERSION = 7;

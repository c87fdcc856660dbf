import { Builder } from 'flatbuffers';
import type { Offset } from 'flatbuffers';

import { writeBytes, writeFloat32s, writeInt32s, writeInt64s, writeOffsets, writeTable } from './flat-table';
import { writeOptions } from './operator-options';
import * as schema from './schema';
import type { TfliteModel, TfliteOperator, TfliteQuantization, TfliteTensor } from './tflite-model';

/** Operators with a code of more than a byte have this one in the old field. */
const LARGEST_SHORT_CODE = 127;

/** The bytes of a .tflite file. Equal models give equal bytes. Buffer 0 is empty, as the format demands. */
export function writeModel(model: TfliteModel): Uint8Array {
  const out = new Builder(2 ** 20);
  const constants = model.tensors.filter(({ data }) => data !== undefined);
  const texts = Object.entries(model.metadata);
  const contents = [...constants.map(({ data }) => data), ...texts.map(([, text]) => new TextEncoder().encode(text))];
  const buffers = contents.map((data) => writeTable(out, data === undefined ? [] : [bufferField(out, data)]));
  const metadata = texts.map(([name], index) =>
    writeTable(out, [
      [schema.METADATA.name, 'offset', out.createString(name)],
      [schema.METADATA.buffer, 'int32', 1 + constants.length + index],
    ]),
  );
  const codes = operatorCodes(model);
  const root = writeTable(out, [
    [schema.MODEL.version, 'int32', schema.SCHEMA_VERSION],
    [
      schema.MODEL.operatorCodes,
      'offset',
      writeOffsets(
        out,
        [...codes.values()].map((code) => writeCode(out, code)),
      ),
    ],
    [schema.MODEL.subgraphs, 'offset', writeOffsets(out, [writeSubgraph(out, model, constants, codes)])],
    [schema.MODEL.description, 'offset', out.createString(model.description)],
    [schema.MODEL.buffers, 'offset', writeOffsets(out, [writeTable(out, []), ...buffers])],
    [schema.MODEL.metadata, 'offset', writeOffsets(out, metadata)],
    [schema.MODEL.signatures, 'offset', writeOffsets(out, [writeSignature(out, model)])],
  ]);
  out.finish(root, schema.FILE_IDENTIFIER);
  return out.asUint8Array();
}

const bufferField = (out: Builder, data: Uint8Array) =>
  [schema.BUFFER.data, 'offset', writeBytes(out, data, schema.BUFFER_ALIGNMENT)] as const;

/** By `codeKey`, in the order in which they are first used. */
type OperatorCodes = ReadonlyMap<string, OperatorCode>;

interface OperatorCode {
  readonly code: number;
  readonly version: number;
}

function operatorCodes(model: TfliteModel): OperatorCodes {
  return new Map(model.operators.map((operator) => [codeKey(model, operator), codeOf(model, operator)]));
}

function codeOf({ tensors }: TfliteModel, { operation, inputs }: TfliteOperator): OperatorCode {
  const { code, version } = schema.OPERATORS[operation.kind];
  return { code, version: tensors[inputs[0]].type === 'int8' ? version.int8 : version.float32 };
}

function codeKey(model: TfliteModel, operator: TfliteOperator): string {
  const { code, version } = codeOf(model, operator);
  return `${code} ${version}`;
}

function writeCode(out: Builder, { code, version }: OperatorCode): Offset {
  return writeTable(out, [
    [schema.OPERATOR_CODE.shortCode, 'int8', Math.min(code, LARGEST_SHORT_CODE)],
    [schema.OPERATOR_CODE.version, 'int32', version],
    [schema.OPERATOR_CODE.code, 'int32', code],
  ]);
}

function writeSubgraph(
  out: Builder,
  model: TfliteModel,
  constants: readonly TfliteTensor[],
  codes: OperatorCodes,
): Offset {
  const places = [...codes.keys()];
  const tensors = model.tensors.map((tensor) => writeTensor(out, tensor, 1 + constants.indexOf(tensor)));
  const operators = model.operators.map((operator) =>
    writeOperator(out, operator, places.indexOf(codeKey(model, operator))),
  );
  return writeTable(out, [
    [schema.SUBGRAPH.tensors, 'offset', writeOffsets(out, tensors)],
    [schema.SUBGRAPH.inputs, 'offset', writeInt32s(out, [model.input])],
    [schema.SUBGRAPH.outputs, 'offset', writeInt32s(out, [model.output])],
    [schema.SUBGRAPH.operators, 'offset', writeOffsets(out, operators)],
    [schema.SUBGRAPH.name, 'offset', out.createString('main')],
  ]);
}

/** @param buffer 0 for one that is computed */
function writeTensor(out: Builder, { name, shape, type, quantization }: TfliteTensor, buffer: number): Offset {
  return writeTable(out, [
    [schema.TENSOR.shape, 'offset', writeInt32s(out, shape)],
    [schema.TENSOR.type, 'int8', schema.TENSOR_TYPES[type]],
    [schema.TENSOR.buffer, 'int32', buffer],
    [schema.TENSOR.name, 'offset', out.createString(name)],
    [schema.TENSOR.quantization, 'offset', quantization === undefined ? 0 : writeQuantization(out, quantization)],
  ]);
}

function writeQuantization(out: Builder, { scales, zeroPoints, axis = 0 }: TfliteQuantization): Offset {
  return writeTable(out, [
    [schema.QUANTIZATION.scale, 'offset', writeFloat32s(out, scales)],
    [schema.QUANTIZATION.zeroPoint, 'offset', writeInt64s(out, zeroPoints)],
    [schema.QUANTIZATION.axis, 'int32', axis],
  ]);
}

function writeOperator(out: Builder, { operation, inputs, output }: TfliteOperator, code: number): Offset {
  const { options } = schema.OPERATORS[operation.kind];
  return writeTable(out, [
    [schema.OPERATOR.code, 'int32', code],
    [schema.OPERATOR.inputs, 'offset', writeInt32s(out, inputs)],
    [schema.OPERATOR.outputs, 'offset', writeInt32s(out, [output])],
    [schema.OPERATOR.optionsKind, 'int8', options],
    [schema.OPERATOR.options, 'offset', options === 0 ? 0 : writeOptions(out, operation)],
  ]);
}

/** Names for input and output, which some runtimes ask for instead of places. */
function writeSignature(out: Builder, { tensors, input, output }: TfliteModel): Offset {
  const map = (tensor: number) =>
    writeOffsets(out, [
      writeTable(out, [
        [schema.TENSOR_MAP.name, 'offset', out.createString(tensors[tensor].name)],
        [schema.TENSOR_MAP.tensor, 'int32', tensor],
      ]),
    ]);
  return writeTable(out, [
    [schema.SIGNATURE.inputs, 'offset', map(input)],
    [schema.SIGNATURE.outputs, 'offset', map(output)],
    [schema.SIGNATURE.key, 'offset', out.createString('serving_default')],
  ]);
}

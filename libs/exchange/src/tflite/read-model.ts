import { brokenTflite, foreignTflite } from '../errors';
import { FlatTable, FlatView } from './flat-reader';
import { readOperation } from './read-operation';
import type { ReadOperation } from './read-operation';
import * as schema from './schema';
import type { TfliteTensor, TfliteType } from './tflite-model';

/** Far above any network that fits here; a small file can claim more than memory holds. */
const MOST = { operators: 10_000, tensors: 20_000, buffers: 40_000, codes: 1_000, axes: 8, ends: 1_000, texts: 100 };
/** Channels of a layer. */
const MOST_SCALES = 100_000;

/** An operator as it stands in a file. A place of −1 is an input that was left out. */
export interface ReadOperator {
  readonly operation: ReadOperation;
  readonly version: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Byte offset of its table. */
  readonly at: number;
}

export interface ReadModel {
  readonly description: string;
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly ReadOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly metadata: Readonly<Record<string, Uint8Array>>;
}

/**
 * The first graph of a .tflite file of anybody. Nothing in the file is believed: places, lengths and sizes are checked before they
 * are used. Constants are views of `bytes`. @throws GraftError E845, E846
 */
export function readModel(bytes: Uint8Array): ReadModel {
  const view = new FlatView(bytes);
  view.demand(0, 8, 'the head');
  const identifier = String.fromCharCode(...bytes.subarray(4, 8));
  if (identifier !== schema.FILE_IDENTIFIER)
    throw brokenTflite(4, `the file says "${printable(identifier)}" where a TFLite file says "TFL3"`);
  const model = FlatTable.root(view);
  const buffers = model.tables(schema.MODEL.buffers, MOST.buffers);
  const [graph] = model.tables(schema.MODEL.subgraphs, 1);
  if (graph === undefined) throw brokenTflite(model.at, 'the file has no graph');
  const codes = model.tables(schema.MODEL.operatorCodes, MOST.codes);
  const tensors = graph.tables(schema.SUBGRAPH.tensors, MOST.tensors).map((table) => readTensor(table, buffers));
  const operators = graph.tables(schema.SUBGRAPH.operators, MOST.operators).map((table) => readOperator(table, codes));
  const read = {
    description: model.text(schema.MODEL.description),
    ...{ tensors, operators },
    inputs: graph.int32s(schema.SUBGRAPH.inputs, MOST.ends),
    outputs: graph.int32s(schema.SUBGRAPH.outputs, MOST.ends),
    metadata: readMetadata(model, buffers),
  };
  for (const { at, inputs, outputs } of operators)
    for (const place of [...inputs, ...outputs])
      if (place < -1 || place >= tensors.length)
        throw brokenTflite(at, `an operator names tensor ${place} of ${tensors.length}`);
  return read;
}

const printable = (text: string): string => text.replace(/[^ -~]/g, '?');

const TYPES = new Map<number, TfliteType>([
  [0, 'float32'],
  [2, 'int32'],
  [3, 'uint8'],
  [9, 'int8'],
]);

const BYTES: Readonly<Record<TfliteType, number>> = { float32: 4, int32: 4, uint8: 1, int8: 1 };

function readTensor(table: FlatTable, buffers: readonly FlatTable[]): TfliteTensor {
  const name = table.text(schema.TENSOR.name);
  const number = table.uint8(schema.TENSOR.type);
  const type = TYPES.get(number);
  if (type === undefined) throw foreignTflite(`tensor "${name}" has the type ${number}`, table.at);
  const shape = table.int32s(schema.TENSOR.shape, MOST.axes);
  const place = table.uint32(schema.TENSOR.buffer);
  if (place >= buffers.length)
    throw brokenTflite(table.at, `tensor "${name}" lies in buffer ${place} of ${buffers.length}`);
  const data = buffers[place].bytes(schema.BUFFER.data);
  if (data.length > 0) checkSize(data, shape, type, `tensor "${name}"`, buffers[place].at);
  const quantization = readQuantization(table);
  return { name, shape, type, ...(quantization && { quantization }), ...(data.length > 0 && { data }) };
}

function checkSize(data: Uint8Array, shape: readonly number[], type: TfliteType, name: string, at: number): void {
  const size = shape.reduce((product, side) => product * side, BYTES[type]);
  if (data.length !== size || shape.some((side) => side < 0))
    throw brokenTflite(at, `${name} of [${shape.join(', ')}] needs ${size} bytes and has ${data.length}`);
}

function readQuantization(tensor: FlatTable): TfliteTensor['quantization'] {
  const table = tensor.table(schema.TENSOR.quantization);
  const scales = table?.float32s(schema.QUANTIZATION.scale, MOST_SCALES) ?? [];
  if (table === undefined || scales.length === 0) return undefined;
  const zeroPoints = table.int64s(schema.QUANTIZATION.zeroPoint, MOST_SCALES);
  if (zeroPoints.length !== scales.length)
    throw brokenTflite(table.at, `${scales.length} scales stand beside ${zeroPoints.length} zero points`);
  return { scales, zeroPoints, axis: table.int32(schema.QUANTIZATION.axis) };
}

function readOperator(table: FlatTable, codes: readonly FlatTable[]): ReadOperator {
  const place = table.uint32(schema.OPERATOR.code);
  if (place >= codes.length) throw brokenTflite(table.at, `an operator has kind ${place} of ${codes.length}`);
  const code = codes[place];
  // Old files have the short field only; where both are there, the larger one holds.
  const number = Math.max(code.uint8(schema.OPERATOR_CODE.shortCode), code.int32(schema.OPERATOR_CODE.code));
  return {
    operation: readOperation(number, table.table(schema.OPERATOR.options), table.at),
    version: Math.max(1, code.int32(schema.OPERATOR_CODE.version)),
    inputs: table.int32s(schema.OPERATOR.inputs, MOST.ends),
    outputs: table.int32s(schema.OPERATOR.outputs, MOST.ends),
    at: table.at,
  };
}

function readMetadata(model: FlatTable, buffers: readonly FlatTable[]): Readonly<Record<string, Uint8Array>> {
  const entries = model.tables(schema.MODEL.metadata, MOST.texts).map((entry) => {
    const place = entry.uint32(schema.METADATA.buffer);
    if (place >= buffers.length) throw brokenTflite(entry.at, `metadata lie in buffer ${place} of ${buffers.length}`);
    return [entry.text(schema.METADATA.name), buffers[place].bytes(schema.BUFFER.data)] as const;
  });
  return Object.fromEntries(entries);
}

import { weightsElsewhere, weightsNotReadable } from '../errors';
import { DATA_TYPE, EXTERNAL } from '../onnx/onnx-schema';
import type { OnnxTensor } from '../onnx/onnx-schema';

/** Numbers of a file, whatever type they are stored in. */
export interface PlainTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** More than any layer of a MobileNet has. */
const MAX_NUMBERS = 2 ** 26;

const READERS: ReadonlyMap<number, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }> =
  new Map([
    [DATA_TYPE.float32, { bytes: 4, read: (view, at) => view.getFloat32(at, true) }],
    [DATA_TYPE.uint8, { bytes: 1, read: (view, at) => view.getUint8(at) }],
    [DATA_TYPE.int8, { bytes: 1, read: (view, at) => view.getInt8(at) }],
    [DATA_TYPE.int32, { bytes: 4, read: (view, at) => view.getInt32(at, true) }],
    [DATA_TYPE.int64, { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) }],
  ]);

/** @throws GraftError E830, E833 */
export function readTensor(tensor: OnnxTensor, file: string): PlainTensor {
  const { name = '', dims, dataType = 0, rawData } = tensor;
  if (tensor.dataLocation === EXTERNAL || tensor.externalData.length > 0) throw weightsElsewhere(file, name);
  const length = dims.reduce((product, side) => product * side, 1);
  if (!dims.every((side) => Number.isInteger(side) && side >= 0) || length > MAX_NUMBERS)
    throw weightsNotReadable(file, `tensor "${name}" has the shape [${dims.join(', ')}]`);
  const reader = READERS.get(dataType);
  if (reader === undefined) throw weightsNotReadable(file, `tensor "${name}" holds numbers of type ${dataType}`);
  const data = new Float32Array(length);
  if (rawData !== undefined) {
    expectLength(rawData.length, length * reader.bytes, 'bytes');
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    for (let at = 0; at < length; at++) data[at] = reader.read(view, at * reader.bytes);
    return { dims, data };
  }
  const listed =
    { [DATA_TYPE.float32]: tensor.floatData, [DATA_TYPE.int64]: tensor.int64Data }[dataType] ?? tensor.int32Data;
  expectLength(listed.length, length, 'numbers');
  data.set(listed);
  return { dims, data };

  function expectLength(found: number, expected: number, unit: string): void {
    if (found === expected) return;
    throw weightsNotReadable(file, `tensor "${name}" has ${found} ${unit} in place of ${expected}`);
  }
}

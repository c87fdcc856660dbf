import { weightsNotReadable } from '../errors';
import type { OnnxModel, OnnxNode } from '../onnx/onnx-schema';
import { readTensor } from './onnx-tensor';
import type { PlainTensor } from './onnx-tensor';

type OnnxGraph = NonNullable<OnnxModel['graph']>;

/** Constants may stand behind so many nodes. */
const MAX_DEPTH = 8;

/** Values of a graph that do not depend on its input: tensors of the file, also behind Constant, Identity and DequantizeLinear. */
export class OnnxConstants {
  private readonly tensors: ReadonlyMap<string, OnnxGraph['initializer'][number]>;
  private readonly producers = new Map<string, OnnxNode>();

  constructor(
    graph: OnnxGraph,
    private readonly file: string,
  ) {
    this.tensors = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]));
    for (const node of graph.node) for (const output of node.output) this.producers.set(output, node);
  }

  has(name: string | undefined): boolean {
    return this.find(name, 0) !== null;
  }

  /** @param what for messages @throws GraftError E830, E833 */
  take(name: string | undefined, what: string): PlainTensor {
    const found = this.find(name, 0);
    if (found === null) throw weightsNotReadable(this.file, `${what} is no constant`);
    return found();
  }

  /** Not read before it is asked for: a file may be full of tensors that nobody needs. */
  private find(name: string | undefined, depth: number): (() => PlainTensor) | null {
    if (name === undefined || depth > MAX_DEPTH) return null;
    const tensor = this.tensors.get(name);
    if (tensor !== undefined) return () => readTensor(tensor, this.file);
    const node = this.producers.get(name);
    if (node?.opType === 'Identity') return this.find(node.input[0], depth + 1);
    if (node?.opType === 'Constant') {
      const value = node.attribute.find((attribute) => attribute.name === 'value')?.t;
      return value === undefined ? null : () => readTensor(value, this.file);
    }
    if (node?.opType !== 'DequantizeLinear') return null;
    const [values, scales, zeroPoints] = node.input.map((input) => this.find(input, depth + 1));
    if (!values || !scales || zeroPoints === null) return null;
    const axis = node.attribute.find((attribute) => attribute.name === 'axis')?.i ?? 1;
    return () => dequantized(values(), scales(), zeroPoints?.() ?? null, axis);
  }
}

/** real = (number − zero point) · scale, with one scale, or one for each slice of an axis. */
function dequantized(
  values: PlainTensor,
  scales: PlainTensor,
  zeroPoints: PlainTensor | null,
  axis: number,
): PlainTensor {
  const each = values.dims.slice(axis + 1).reduce((product, side) => product * side, 1);
  const many = scales.data.length;
  const data = values.data.map((value, at) => {
    const slice = many === 1 ? 0 : Math.floor(at / each) % many;
    return (value - (zeroPoints?.data[slice] ?? 0)) * scales.data[slice];
  });
  return { dims: values.dims, data };
}

import { encode } from '../protobuf/message';
import type { ModelCard } from '../model-card';
import { renderCard } from '../model-card';
import { ATTRIBUTE_TYPE, DATA_TYPE, IR_VERSION, modelMessage, OPSET, tensorMessage } from './onnx-schema';
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxValue } from './onnx-schema';

type Numbers = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

/** One number is a float, several are integers; that is all our operators take. `int` is one integer. */
export type Attributes = Readonly<
  Record<string, readonly number[] | { readonly int: number } | { readonly float: number }>
>;

/** Names of values; '' is an input that is left out. */
export type Name = string;

interface Port {
  readonly name: Name;
  readonly type: keyof typeof DATA_TYPE;
  /** A word is a size that the caller chooses. */
  readonly shape: readonly (number | string)[];
}

/** Collects nodes and constants in order. Every node has one output, which is called like the node. */
export class GraphBuilder {
  private readonly nodes: OnnxNode[] = [];
  private readonly constants = new Map<Name, OnnxTensor>();

  /** @returns the name of the output */
  node(opType: string, name: Name, inputs: readonly Name[], attributes: Attributes = {}): Name {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    this.nodes.push({ input: inputs, output: [name], name, opType, attribute, domain: undefined });
    return name;
  }

  /** A tensor of the file. Of two with one name the first stays: they are equal. @param dims none: a single number */
  constant(name: Name, values: Numbers, dims: readonly number[] = []): Name {
    if (!this.constants.has(name)) {
      const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      this.constants.set(name, { ...tensorMessage.empty(), name, dims, dataType: typeOf(values), rawData });
    }
    return name;
  }

  float(name: Name, value: number): Name {
    return this.constant(name, Float32Array.of(value));
  }

  /** The file: these nodes between this input and this output. */
  finish(graphName: string, input: Port, output: Port, card: ModelCard): Uint8Array {
    return encode(modelMessage, {
      irVersion: IR_VERSION,
      producerName: 'graft',
      docString: `Takes ${input.name}: ${input.type}, [picture][row][column][RGB], pixel values 0 to 255 as they are; normalizes inside.`,
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: graphName,
        docString: undefined,
        node: this.nodes,
        initializer: [...this.constants.values()],
        input: [valueOf(input)],
        output: [valueOf(output)],
      },
      metadataProps: [
        { key: 'graft.card', value: renderCard(card) },
        // For tools that look for labels alone.
        { key: 'labels', value: JSON.stringify(card.labels) },
      ],
    });
  }
}

function attributeOf(name: string, value: Attributes[string]): OnnxAttribute {
  const blank = { name, f: undefined, i: undefined, s: undefined, t: undefined, floats: [], ints: [] };
  if ('int' in value) return { ...blank, i: value.int, type: ATTRIBUTE_TYPE.int };
  if ('float' in value) return { ...blank, f: value.float, type: ATTRIBUTE_TYPE.float };
  return { ...blank, ints: value, type: ATTRIBUTE_TYPE.ints };
}

function typeOf(values: Numbers): number {
  if (values instanceof Float32Array) return DATA_TYPE.float32;
  if (values instanceof Int8Array) return DATA_TYPE.int8;
  if (values instanceof Uint8Array) return DATA_TYPE.uint8;
  return values instanceof Int32Array ? DATA_TYPE.int32 : DATA_TYPE.int64;
}

function valueOf({ name, type, shape }: Port): OnnxValue {
  const dim = shape.map((size) =>
    typeof size === 'number' ? { dimValue: size, dimParam: undefined } : { dimValue: undefined, dimParam: size },
  );
  return { name, docString: undefined, type: { tensorType: { elemType: DATA_TYPE[type], shape: { dim } } } };
}

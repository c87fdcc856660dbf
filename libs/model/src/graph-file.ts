import { canonicalJson, GraftError } from '@graft/foundation';
import { packArrays, unpackArrays, type ArchiveArray, type ArchiveEntry } from '@graft/tensor';

import { isActivation } from './activation';
import { graphFileBroken } from './errors';
import type { Graph, GraphNode } from './graph';
import { graphShapes, GraphShapeError } from './graph-shapes';

const VERSION = 1;

/** A graph on disk: readable text, and the arrays of all nodes in one block of little-endian float32. */
export interface GraphFile {
  readonly json: string;
  readonly bin: Uint8Array;
}

/** Which members of a node are arrays; they stand in the block as `<node>/<member>`. */
const ARRAYS: Readonly<Record<GraphNode['kind'], readonly string[]>> = {
  convolution: ['weights', 'bias'],
  depthwise: ['weights', 'bias'],
  batchNorm: ['gamma', 'beta', 'mean', 'variance'],
  activation: [],
  globalAveragePool: [],
  globalAverageMaxPool: [],
  dense: ['weights', 'bias'],
  softmax: [],
};

/** Equal graphs give equal bytes. */
export function writeGraph(graph: Graph): GraphFile {
  const arrays: Record<string, ArchiveArray> = {};
  const nodes = graph.nodes.map((node) => {
    const members = Object.entries(node).filter(([member, value]) => {
      if (value instanceof Float32Array) arrays[`${node.name}/${member}`] = value;
      return !(value instanceof Float32Array);
    });
    return Object.fromEntries(members);
  });
  const { entries, bytes } = packArrays(arrays);
  return {
    json: canonicalJson({ version: VERSION, name: graph.name, input: graph.input, nodes, arrays: entries }),
    bin: bytes,
  };
}

/** Checks that every node fits the one before it. @throws GraftError E604 */
export function readGraph({ json, bin }: GraphFile): Graph {
  const file = parse(json);
  try {
    const arrays = unpackArrays({ entries: file.arrays, bytes: bin });
    const nodes = file.nodes.map((node) => withArrays(node, arrays));
    const graph: Graph = { name: file.name, input: file.input, nodes };
    graphShapes(graph);
    return graph;
  } catch (error) {
    if (error instanceof GraphShapeError || error instanceof GraftError) throw graphFileBroken(error.message);
    throw error;
  }
}

interface GraphText {
  readonly name: string;
  readonly input: Graph['input'];
  readonly nodes: readonly GraphNode[];
  readonly arrays: readonly ArchiveEntry[];
}

function parse(json: string): GraphText {
  const file = parseJson(json);
  if (!isRecord(file) || file.version !== VERSION) throw graphFileBroken(`it is not a graph of version ${VERSION}`);
  const { name, input, nodes, arrays } = file;
  if (typeof name !== 'string' || !isInput(input) || !Array.isArray(nodes) || !Array.isArray(arrays)) {
    throw graphFileBroken('name, input, nodes or arrays is missing');
  }
  const strange = nodes.find((node) => !isNode(node));
  if (strange !== undefined) throw graphFileBroken(`there is no such node: ${JSON.stringify(strange)}`);
  return { name, input, nodes, arrays };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw graphFileBroken('it is not JSON');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isInput(value: unknown): value is Graph['input'] {
  if (!isRecord(value) || !isRecord(value.encoding)) return false;
  const numbers = [value.channels, value.height, value.width, value.encoding.scale, value.encoding.offset];
  return numbers.every((number) => typeof number === 'number');
}

function isNode(value: unknown): value is GraphNode {
  if (!isRecord(value) || typeof value.name !== 'string' || typeof value.kind !== 'string') return false;
  return value.kind in ARRAYS && (value.kind !== 'activation' || isActivation(value.activation));
}

function withArrays(node: GraphNode, arrays: Readonly<Record<string, ArchiveArray>>): GraphNode {
  const found: [string, Float32Array][] = [];
  for (const member of ARRAYS[node.kind]) {
    const array = arrays[`${node.name}/${member}`];
    if (array instanceof Float32Array) found.push([member, array]);
    else if (member !== 'bias' || node.kind === 'dense') throw graphFileBroken(`"${node.name}" has no ${member}`);
  }
  return { ...node, ...Object.fromEntries(found) };
}

import { canonicalJson, GraftError } from '@graft/foundation';
import type { Archive, ArchiveArray } from '@graft/tensor';
import { packArrays, sizeOf, unpackArrays } from '@graft/tensor';

import { unreadableQuantizedGraph } from './errors';
import type { FloatTailNode, QuantizedConvolution, QuantizedDense, QuantizedGraph, TailNode } from './quantized-graph';

const FORMAT = 'graft-quantized-graph-1';

/** A quantized graph as two files: text that people can read and compare, and the arrays. */
export interface QuantizedGraphFile {
  readonly json: string;
  readonly bytes: Uint8Array;
}

export function writeQuantizedGraph(graph: QuantizedGraph): QuantizedGraphFile {
  const arrays: Record<string, ArchiveArray> = {};
  const withoutArrays = ({ weights, weightScales, bias, ...rest }: QuantizedConvolution) => {
    Object.assign(arrays, named(rest.name, { weights, weightScales, bias }));
    return rest;
  };
  const convolutions = graph.convolutions.map(withoutArrays);
  const tail = graph.tail.map((node) => {
    if (node.kind === 'quantizedDense') return { ...node, layers: node.layers.map(withoutArrays) };
    if (node.kind !== 'dense') return node;
    const { weights, bias, ...rest } = node;
    Object.assign(arrays, named(rest.name, { weights, bias }));
    return rest;
  });
  const { entries, bytes } = packArrays(arrays);
  const { name, input } = graph;
  return { json: canonicalJson({ format: FORMAT, name, input, convolutions, tail, arrays: entries }), bytes };
}

/** @throws GraftError E330 when the two parts are not what {@link writeQuantizedGraph} wrote. */
export function readQuantizedGraph({ json, bytes }: QuantizedGraphFile): QuantizedGraph {
  try {
    const file = JSON.parse(json) as StoredGraph;
    if (file.format !== FORMAT) throw unreadableQuantizedGraph(`its format is not "${FORMAT}"`);
    const take = taker(unpackArrays({ entries: file.arrays, bytes }));
    return {
      name: file.name,
      input: file.input,
      convolutions: file.convolutions.map((layer) => convolutionOf(layer, take)),
      tail: file.tail.map((node) => tailNodeOf(node, take)),
    };
  } catch (error) {
    if (error instanceof GraftError && error.code === 'E330') throw error;
    throw unreadableQuantizedGraph(error instanceof Error ? error.message : String(error));
  }
}

type Arrays = 'weights' | 'weightScales' | 'bias';
type StoredDense = Omit<Extract<FloatTailNode, { kind: 'dense' }>, Arrays>;
type StoredConvolution = Omit<QuantizedConvolution, Arrays>;
type StoredTailNode =
  | StoredDense
  | (Omit<QuantizedDense, 'layers'> & { readonly layers: readonly StoredConvolution[] })
  | Exclude<FloatTailNode, { kind: 'dense' }>;

interface StoredGraph {
  readonly format: string;
  readonly name: string;
  readonly input: QuantizedGraph['input'];
  readonly convolutions: readonly StoredConvolution[];
  readonly tail: readonly StoredTailNode[];
  readonly arrays: Archive['entries'];
}

/** Finds an array by name; its type and length must be as expected. */
type Take = <T extends ArchiveArray>(name: string, type: new (length: number) => T, length: number) => T;

function taker(arrays: Readonly<Record<string, ArchiveArray>>): Take {
  return (name, type, length) => {
    const array = arrays[name];
    if (array instanceof type && array.length === length) return array;
    throw unreadableQuantizedGraph(`array "${name}" is missing or has another size`);
  };
}

function convolutionOf(layer: StoredConvolution, take: Take): QuantizedConvolution {
  const { name, kind, kernel, input, output } = layer;
  if (!(sizeOf(input) > 0 && sizeOf(output) > 0)) throw unreadableQuantizedGraph(`layer "${name}" has no size`);
  const perOutput = (kind === 'depthwise' ? 1 : input.channels) * kernel ** 2;
  return {
    ...layer,
    weights: take(`${name}/weights`, Uint8Array, output.channels * perOutput),
    weightScales: take(`${name}/weightScales`, Float64Array, output.channels),
    bias: take(`${name}/bias`, Float64Array, output.channels),
  };
}

function tailNodeOf(node: StoredTailNode, take: Take): TailNode {
  if (node.kind === 'quantizedDense') {
    if (node.layers.length === 0) throw unreadableQuantizedGraph(`"${node.name}" has no layer`);
    return { ...node, layers: node.layers.map((layer) => convolutionOf(layer, take)) };
  }
  if (node.kind !== 'dense') return node;
  return {
    ...node,
    weights: take(`${node.name}/weights`, Float32Array, node.units * node.inputs),
    bias: take(`${node.name}/bias`, Float32Array, node.units),
  };
}

function named(layer: string, arrays: Readonly<Record<string, ArchiveArray>>): Record<string, ArchiveArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${layer}/${name}`, array]));
}

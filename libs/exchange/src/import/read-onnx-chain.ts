import { reasonOf } from '@graft/foundation';

import { weightsNotReadable } from '../errors';
import { modelMessage } from '../onnx/onnx-schema';
import type { OnnxModel, OnnxNode } from '../onnx/onnx-schema';
import { decode } from '../protobuf/message';
import type { Chain, ChainStep, Sides } from './chain';
import { OnnxConstants } from './onnx-constants';
import type { PlainTensor } from './onnx-tensor';

type Step = ChainStep<PlainTensor>;

/** What changes no number, or only says that bytes stand for values. */
const PASSED: readonly string[] = ['Identity', 'Dropout', 'QuantizeLinear', 'DequantizeLinear'];
/** What prepares the picture, in front of the first convolution. */
const PREPARING: readonly string[] = ['Transpose', 'Cast', 'Mul', 'Add', 'Sub', 'Div'];

/** An ONNX file as a chain, from its input on, up to where it branches or ends. @throws GraftError E830, E833 */
export function readOnnxChain(bytes: Uint8Array, file: string): Chain<PlainTensor> {
  const graph = parse(bytes, file).graph;
  if (graph === undefined || graph.node.length === 0) throw weightsNotReadable(file, 'it is no ONNX file with a graph');
  const constants = new OnnxConstants(graph, file);
  const steps: Step[] = [];
  const inputs = graph.input.filter(({ name }) => !constants.has(name));
  if (inputs.length !== 1) throw weightsNotReadable(file, `it has ${inputs.length} inputs in place of one picture`);
  const readers = consumers(graph.node);
  let value = inputs[0].name ?? '';
  // No more steps than nodes: a file may lead in a circle.
  for (let count = 0; count < graph.node.length; count++) {
    const next = readers.get(value) ?? [];
    if (next.length !== 1) {
      if (next.length > 1) steps.push({ kind: 'other', node: `"${value}"`, op: `branch to ${next.length} nodes` });
      break;
    }
    const node = next[0];
    const started = steps.some(({ kind }) => kind === 'convolution');
    if (!PASSED.includes(node.opType ?? '') && (started || !PREPARING.includes(node.opType ?? ''))) {
      const step = stepOf(node, constants);
      steps.push(step);
      if (step.kind === 'other') break;
    }
    value = node.output[0] ?? '';
  }
  return steps;
}

function parse(bytes: Uint8Array, file: string): OnnxModel {
  try {
    return decode(modelMessage, bytes);
  } catch (error) {
    throw weightsNotReadable(file, `it is no whole ONNX file (${reasonOf(error)})`);
  }
}

function consumers(nodes: readonly OnnxNode[]): ReadonlyMap<string, readonly OnnxNode[]> {
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes)
    for (const input of new Set(node.input)) readers.set(input, [...(readers.get(input) ?? []), node]);
  return readers;
}

function stepOf(node: OnnxNode, constants: OnnxConstants): Step {
  const name = nameOf(node);
  switch (node.opType) {
    case 'Conv':
      return convolutionOf(node, constants);
    case 'BatchNormalization': {
      const [gamma, beta, mean, variance] = node.input
        .slice(1, 5)
        .map((input) => constants.take(input, `${name}: ${input}`));
      if (variance === undefined) break;
      const epsilon = node.attribute.find((attribute) => attribute.name === 'epsilon')?.f ?? 1e-5;
      return { kind: 'batchNorm', node: name, epsilon, gamma, beta, mean, variance };
    }
    case 'Clip': {
      const [low, high] = clipOf(node, constants);
      return {
        kind: 'activation',
        node: name,
        activation: low === 0 && high === 6 ? 'relu6' : `Clip ${low} … ${high}`,
      };
    }
    case 'Relu':
    case 'LeakyRelu':
    case 'HardSwish':
    case 'Sigmoid':
      return { kind: 'activation', node: name, activation: node.opType };
    case 'Pad': {
      const sides = padOf(node, constants);
      if (sides !== null) return { kind: 'pad', node: name, sides };
    }
  }
  return { kind: 'other', node: name, op: node.opType ?? 'no operator' };
}

const nameOf = ({ name, output }: OnnxNode): string =>
  `"${name === undefined || name === '' ? (output[0] ?? '') : name}"`;

const intsOf = ({ attribute }: OnnxNode, name: string): readonly number[] | undefined =>
  attribute.find((found) => found.name === name)?.ints;

function convolutionOf(node: OnnxNode, constants: OnnxConstants): Step {
  const name = nameOf(node);
  const weights = constants.take(node.input[1], `the kernel of ${name}`);
  const bias =
    node.input[2] === undefined || node.input[2] === '' ? null : constants.take(node.input[2], `the bias of ${name}`);
  const [outputs = 0, inputs = 0, rows = 0, columns = 0] = weights.dims;
  const group = node.attribute.find((found) => found.name === 'group')?.i ?? 1;
  const [strides, dilations] = [intsOf(node, 'strides') ?? [1, 1], intsOf(node, 'dilations') ?? [1, 1]];
  const depthwise = group > 1 && group === outputs && inputs === 1;
  const plain = rows === columns && strides[0] === strides[1] && dilations.every((dilation) => dilation === 1);
  const known = weights.dims.length === 4 && plain && (group === 1 || depthwise);
  return {
    ...{ kind: 'convolution', node: name, depthwise, kernel: rows, stride: strides[0] ?? 1 },
    ...{ inputs: depthwise ? group : inputs, outputs, weights, bias },
    form: known
      ? null
      : `a convolution with weights [${weights.dims.join(', ')}], ${group} groups, strides ${strides.join('×')}, dilations ${dilations.join('×')}`,
    padding: paddingOf(node),
  };
}

function paddingOf(node: OnnxNode): Sides | 'same' {
  const automatic = Buffer.from(node.attribute.find(({ name }) => name === 'auto_pad')?.s ?? []).toString('latin1');
  if (automatic === 'SAME_UPPER') return 'same';
  const [top = 0, left = 0, bottom = 0, right = 0] = intsOf(node, 'pads') ?? [];
  return [top, left, bottom, right];
}

/** Opset 11 and later have limits as inputs, earlier ones as attributes. */
function clipOf(node: OnnxNode, constants: OnnxConstants): readonly [number, number] {
  const limit = (at: number, attribute: string, otherwise: number): number => {
    const input = node.input[at];
    if (input !== undefined && input !== '') return constants.take(input, `a limit of ${nameOf(node)}`).data[0];
    return node.attribute.find(({ name }) => name === attribute)?.f ?? otherwise;
  };
  return [limit(1, 'min', -Infinity), limit(2, 'max', Infinity)];
}

/** Of zeros, or of one byte that stands for them, around rows and columns; null: of another kind. */
function padOf(node: OnnxNode, constants: OnnxConstants): Sides | null {
  const pads = intsOf(node, 'pads') ?? [];
  const sides = pads.length > 0 ? pads : [...constants.take(node.input[1], `the sides of ${nameOf(node)}`).data];
  if (sides.length !== 8) return null;
  const isZero = (axis: number) => sides[axis] === 0 && sides[axis + 4] === 0;
  // Planes first, or as pictures have them, channels last.
  const axes = (
    [
      [2, 3],
      [1, 2],
    ] as const
  ).find((two) => [0, 1, 2, 3].every((axis) => two.some((one) => one === axis) || isZero(axis)));
  if (axes === undefined) return null;
  const [rows, columns] = axes;
  return [sides[rows], sides[columns], sides[rows + 4], sides[columns + 4]];
}

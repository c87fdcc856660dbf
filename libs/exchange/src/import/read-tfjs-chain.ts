import { weightsNotReadable } from '../errors';
import type { Chain, ChainStep, Sides } from './chain';

type Step = ChainStep<string>;

interface Layer {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers before it; null: the one before it in the list. */
  readonly inputs: readonly string[] | null;
}

/** What changes no number of the way to the trunk's end. */
const PASSED: readonly string[] = ['InputLayer', 'Rescaling', 'Dropout'];

/** A layers model (Keras, as TensorFlow.js stores it) as a chain, in the order of its layers. Tensors are told by their names. @throws GraftError E830 */
export function readTfjsChain(model: unknown, file: string): Chain<string> {
  const layers = layersOf(model, file);
  const tensors = tensorShapes(model);
  const steps: Step[] = [];
  let before: string | null = null;
  for (const layer of layers) {
    const { name, className, inputs } = layer;
    if (inputs !== null && inputs.length > 0 && (inputs.length !== 1 || inputs[0] !== before)) {
      steps.push({ kind: 'other', node: `"${name}"`, op: `branch: reads ${inputs.join(', ')}` });
      break;
    }
    before = name;
    if (PASSED.includes(className)) continue;
    const found = stepsOf(layer, tensors);
    steps.push(...found);
    if (found.some(({ kind }) => kind === 'other')) break;
  }
  return steps;
}

function layersOf(model: unknown, file: string): Layer[] {
  const topology = isRecord(model) ? model.modelTopology : undefined;
  const outer = isRecord(topology) && isRecord(topology.model_config) ? topology.model_config : topology;
  if (isRecord(model) && model.format === 'graph-model')
    throw weightsNotReadable(file, 'it is a graph model, whose layers are no longer there; a layers model is needed');
  const config = isRecord(outer) ? outer.config : undefined;
  const layers = isRecord(config) ? config.layers : config;
  if (!Array.isArray(layers)) throw weightsNotReadable(file, 'it is no layers model of TensorFlow.js');
  return layers.map((layer: unknown) => {
    if (!isRecord(layer) || typeof layer.class_name !== 'string' || !isRecord(layer.config))
      throw weightsNotReadable(file, 'a layer has no class or no configuration');
    const name = typeof layer.config.name === 'string' ? layer.config.name : String(layer.name);
    return { name, className: layer.class_name, config: layer.config, inputs: inboundOf(layer.inbound_nodes) };
  });
}

/** `[[["name", 0, 0, {}]]]`, as Keras 2 writes it. */
function inboundOf(nodes: unknown): string[] | null {
  if (!Array.isArray(nodes)) return null;
  return nodes.flat(1).flatMap((input: unknown) => (Array.isArray(input) ? [String(input[0])] : []));
}

/** Shapes by name, of all groups. */
function tensorShapes(model: unknown): ReadonlyMap<string, readonly number[]> {
  const groups = isRecord(model) && Array.isArray(model.weightsManifest) ? model.weightsManifest : [];
  const entries: unknown[] = groups.flatMap((group: unknown) =>
    isRecord(group) && Array.isArray(group.weights) ? group.weights : [],
  );
  return new Map(
    entries.flatMap((entry): [string, readonly number[]][] =>
      isRecord(entry) && typeof entry.name === 'string' && isNumbers(entry.shape) ? [[entry.name, entry.shape]] : [],
    ),
  );
}

function stepsOf(layer: Layer, tensors: ReadonlyMap<string, readonly number[]>): Step[] {
  const { name, className, config } = layer;
  const node = `"${name}"`;
  switch (className) {
    case 'Conv2D':
    case 'DepthwiseConv2D':
      return convolutionSteps(layer, tensors);
    case 'BatchNormalization': {
      const part = (of: string) => tensorNamed(tensors, name, of) ?? '';
      const epsilon = typeof config.epsilon === 'number' ? config.epsilon : 0.001;
      const vectors = {
        gamma: part('gamma'),
        beta: part('beta'),
        mean: part('moving_mean'),
        variance: part('moving_variance'),
      };
      return [{ kind: 'batchNorm', node, epsilon, ...vectors }];
    }
    case 'ReLU':
      return [
        {
          kind: 'activation',
          node,
          activation: config.max_value === 6 ? 'relu6' : `ReLU up to ${String(config.max_value)}`,
        },
      ];
    case 'Activation':
      return [{ kind: 'activation', node, activation: String(config.activation) }];
    case 'ZeroPadding2D': {
      const sides = sidesOf(config.padding);
      return [sides === null ? { kind: 'other', node, op: className } : { kind: 'pad', node, sides }];
    }
    default:
      return [{ kind: 'other', node, op: className }];
  }
}

function convolutionSteps({ name, className, config }: Layer, tensors: ReadonlyMap<string, readonly number[]>): Step[] {
  const depthwise = className === 'DepthwiseConv2D';
  const weights = tensorNamed(tensors, name, depthwise ? 'depthwise_kernel' : 'kernel') ?? '';
  const [rows = 0, columns = 0, inputs = 0, outputs = 0] = tensors.get(weights) ?? [];
  const [strides, dilations] = [config.strides, config.dilation_rate ?? 1].map((value) => [value].flat());
  const plain =
    rows === columns && strides.every((stride) => stride === strides[0]) && dilations.every((one) => one === 1);
  const stride = typeof strides[0] === 'number' ? strides[0] : 1;
  const step: Step = {
    ...{ kind: 'convolution', node: `"${name}"`, depthwise, kernel: rows, stride, inputs },
    ...{ outputs: depthwise ? inputs * outputs : outputs, weights, bias: tensorNamed(tensors, name, 'bias') },
    form: plain ? null : `a convolution with weights [${[rows, columns, inputs, outputs].join(', ')}] or dilations`,
    padding: config.padding === 'same' ? 'same' : [0, 0, 0, 0],
  };
  const activation = config.activation;
  if (typeof activation !== 'string' || activation === 'linear') return [step];
  return [step, { kind: 'activation', node: `"${name}"`, activation }];
}

/** The tensor of a layer: `<layer>/<part>`, with whatever scope in front and `:0` behind. */
function tensorNamed(tensors: ReadonlyMap<string, unknown>, layer: string, part: string): string | null {
  const plain = `${layer}/${part}`;
  if (tensors.has(plain)) return plain;
  return [...tensors.keys()].find((name) => name.replace(/:0$/, '').endsWith(`/${plain}`)) ?? null;
}

/** One number, [rows, columns], or [[top, bottom], [left, right]]. */
function sidesOf(padding: unknown): Sides | null {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (!Array.isArray(padding) || padding.length !== 2) return null;
  const [rows, columns] = padding.map((side: unknown) => (typeof side === 'number' ? [side, side] : side));
  if (!isNumbers(rows) || !isNumbers(columns) || rows.length !== 2 || columns.length !== 2) return null;
  return [rows[0], columns[0], rows[1], columns[1]];
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { Random } from '@graft/foundation';
import { buildGraph } from '@graft/model';
import type { Graph, GraphNode, MobilenetConfig } from '@graft/model';
import { backboneWeightShapes, headWeightShapes } from '@graft/model';
import { modelCard } from './model-card';
import type { ModelCard } from './model-card';

const CONFIG: MobilenetConfig = {
  alpha: 0.25,
  output: 'conv_pw_4_relu',
  input: { height: 32, width: 32 },
  encoding: { scale: 1 / 127.5, offset: -1 },
  pooling: 'avg',
  head: [],
  classes: 3,
};

/** A small MobileNet whose numbers keep activations alive; batch norms with statistics of their own. */
export function randomNetwork(seed: number, change: Partial<MobilenetConfig> = {}): Graph {
  const config = { ...CONFIG, ...change };
  const random = Random.of(seed, 'network');
  const shapes = [...backboneWeightShapes(config), ...headWeightShapes(config)];
  const weights = shapes.map(({ name, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const [mean, deviation] = distribution(name, size / (shape.at(name.includes('depthwise') ? -2 : -1) ?? 1));
    const data = new Float32Array(size).map(() => mean + deviation * random.normal());
    return [name, { shape, data }] as const;
  });
  return buildGraph(config, new Map(weights));
}

function distribution(name: string, inputs: number): readonly [mean: number, deviation: number] {
  if (/kernel$/.test(name)) return [0, Math.sqrt(2 / inputs)];
  if (/gamma|variance/.test(name)) return [1, 0.1];
  return /beta/.test(name) ? [0.3, 0.3] : [0, 0.1];
}

/** The same network with another activation behind its last hidden layer. */
export function withActivation(graph: Graph, name: string, activation: unknown): Graph {
  const nodes = graph.nodes.map((node) => (node.name === name ? ({ ...node, activation } as GraphNode) : node));
  return { ...graph, nodes };
}

export const cardFor = (graph: Graph): ModelCard =>
  modelCard(graph, { experiment: 'tiny', labels: ['blue', 'red', 'grün'] });

/** Bytes [row][column][RGB]. */
export function randomPicture(seed: number, { height, width }: Graph['input']): Uint8Array {
  const random = Random.of(seed, 'picture');
  return new Uint8Array(3 * height * width).map(() => random.integer(256));
}

/** [row][column][RGB] to [RGB][row][column]. */
export function planes(picture: Uint8Array): Uint8Array {
  const area = picture.length / 3;
  return picture.map((_, at) => picture[(at % area) * 3 + Math.floor(at / area)]);
}

export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at])));

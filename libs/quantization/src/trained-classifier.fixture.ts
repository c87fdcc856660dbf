import { Random } from '@graft/foundation';
import { mobilenetV1 } from '@graft/model';
import type { Activation, BackboneLayer, Graph, GraphNode } from '@graft/model';

import { chainOf } from './chain';
import { activate, decodePicture, preActivation } from './float-convolution';

/** A MobileNet of this width and depth on square pictures. */
export interface ClassifierRecipe {
  readonly alpha: number;
  /** Keras name of the last layer kept. */
  readonly output: string;
  readonly side: number;
  readonly activation: Activation;
  readonly seed: number;
}

/** Pictures, planar, and what they show. */
export interface Labelled {
  readonly pictures: readonly Uint8Array[];
  readonly labels: readonly number[];
}

export interface Classifier {
  readonly graph: Graph;
  readonly train: Labelled;
  readonly test: Labelled;
}

const CLASSES = 4;
const TRAIN = 160;
const TEST = 200;
const ENCODING = { scale: 1 / 127.5, offset: -1 };

/**
 * A classifier that works, made in seconds: random filters, batch norms with the statistics that its own training
 * pictures give (as after training), and a softmax regression on the pooled features. It tells the tint of stripes.
 */
export function trainedClassifier(recipe: ClassifierRecipe): Classifier {
  const train = stripes(recipe, 'train', TRAIN);
  const backbone = normalizedBackbone(recipe, train.pictures.slice(0, 16));
  const features = pooledFeatures(backbone, train.pictures);
  return {
    graph: { ...backbone, nodes: [...backbone.nodes, ...head(features, train.labels)] },
    train,
    test: stripes(recipe, 'test', TEST),
  };
}

/** Stripes tinted red, green, blue or not at all, of random direction, width and brightness, under noise. */
function stripes({ side, seed }: ClassifierRecipe, part: string, count: number): Labelled {
  const labels = Array.from({ length: count }, (_, index) => index % CLASSES);
  const pictures = labels.map((label, index) => {
    const random = Random.of(seed, 'stripes', part, index);
    const angle = random.between(0, Math.PI);
    const pitch = random.between(0.4, 1.2);
    const brightness = random.between(90, 150);
    const tint = 45 + 10 * random.normal();
    return new Uint8Array(3 * side * side).map((_, at) => {
      const middle = brightness + (Math.floor(at / side ** 2) === label ? tint : 0);
      const along = (at % side) * Math.cos(angle) + (Math.floor(at / side) % side) * Math.sin(angle);
      const value = middle + 30 * Math.sin(along * pitch) + 25 * random.normal();
      return Math.min(255, Math.max(0, value));
    });
  });
  return { pictures, labels };
}

function normalizedBackbone(recipe: ClassifierRecipe, pictures: readonly Uint8Array[]): Graph {
  const random = Random.of(recipe.seed, 'weights');
  const input = { channels: 3, height: recipe.side, width: recipe.side, encoding: ENCODING };
  let nodes: readonly GraphNode[] = [];
  let maps = pictures.map((picture) => decodePicture(picture, ENCODING));
  let shape = input;
  for (const layer of mobilenetV1(recipe)) {
    const convolution = randomConvolution(layer, random);
    const alone = chainOf({ name: 'alone', input: shape, nodes: [convolution] }).convolutions[0];
    const sums = maps.map((map) => preActivation(alone, map));
    const norm = normOf(layer, sums, random);
    nodes = [...nodes, convolution, norm, activationOf(layer.name, recipe.activation)];
    const whole = chainOf({ name: 'whole', input: shape, nodes: nodes.slice(-3) }).convolutions[0];
    maps = maps.map((map) => activate(whole, preActivation(whole, map)));
    shape = { ...whole.output, encoding: ENCODING };
  }
  return { name: `stripes_${recipe.alpha}`, input, nodes };
}

function activationOf(name: string, activation: Activation): GraphNode {
  return { kind: 'activation', name: `${name}_relu`, activation };
}

function randomConvolution(layer: BackboneLayer, random: Random): GraphNode & { kind: 'convolution' | 'depthwise' } {
  const { name, stride, inputChannels, outputChannels } = layer;
  const kernel = layer.kernel === 1 ? 1 : 3;
  const inputs = layer.kind === 'depthwise' ? 1 : inputChannels;
  // Depthwise filters lean to one sign: as in trained networks, most of them smooth. Without that, depth ends in chaos.
  const lean = layer.kind === 'depthwise' ? 1.5 : 0;
  const weights = new Float32Array(outputChannels * inputs * kernel ** 2).map(() => lean + random.normal());
  return layer.kind === 'depthwise'
    ? { kind: 'depthwise', name, channels: outputChannels, stride, weights }
    : { kind: 'convolution', name, inputChannels, outputChannels, kernel, stride, weights };
}

/** Statistics as they are, scales and offsets as trained networks have them: mostly near 1 and 0, a few far off. */
function normOf({ name, outputChannels }: BackboneLayer, sums: readonly Float32Array[], random: Random): GraphNode {
  const mean = new Float32Array(outputChannels);
  const variance = new Float32Array(outputChannels);
  for (let channel = 0; channel < outputChannels; channel++) {
    const area = sums[0].length / outputChannels;
    const values = sums.flatMap((map) => [...map.subarray(channel * area, (channel + 1) * area)]);
    mean[channel] = values.reduce((a, b) => a + b, 0) / values.length;
    variance[channel] = values.reduce((a, b) => a + (b - mean[channel]) ** 2, 0) / values.length;
  }
  const gamma = mean.map(() => Math.exp(0.4 * random.normal()));
  const beta = mean.map(() => 0.5 + 0.5 * random.normal());
  return { kind: 'batchNorm', name: `${name}_bn`, gamma, beta, mean, variance, epsilon: 0.001 };
}

function pooledFeatures(backbone: Graph, pictures: readonly Uint8Array[]): number[][] {
  const { convolutions } = chainOf(backbone);
  return pictures.map((picture) => {
    let values = decodePicture(picture, ENCODING);
    let channels = 0;
    for (const layer of convolutions) {
      values = activate(layer, preActivation(layer, values));
      channels = layer.output.channels;
    }
    const area = values.length / channels;
    return Array.from(
      { length: channels },
      (_, channel) => values.subarray(channel * area, (channel + 1) * area).reduce((a, b) => a + b, 0) / area,
    );
  });
}

/** Softmax regression by gradient descent on standardized features, the standardization folded into its weights. */
function head(features: readonly (readonly number[])[], labels: readonly number[]): GraphNode[] {
  const inputs = features[0].length;
  const means = column(inputs, (at) => average(features.map((row) => row[at])));
  const deviations = column(
    inputs,
    (at) => Math.sqrt(average(features.map((row) => (row[at] - means[at]) ** 2))) + 1e-6,
  );
  const rows = features.map((row) => row.map((value, at) => (value - means[at]) / deviations[at]));
  const weights = Array.from({ length: CLASSES }, () => new Array<number>(inputs).fill(0));
  const biases = new Array<number>(CLASSES).fill(0);
  const rate = 0.5 / inputs;
  for (let round = 0; round < 60; round++) {
    rows.forEach((row, example) => {
      const scores = weights.map((unit, k) => biases[k] + unit.reduce((sum, weight, at) => sum + weight * row[at], 0));
      const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = powers.reduce((a, b) => a + b, 0);
      powers.forEach((power, k) => {
        const step = rate * ((labels[example] === k ? 1 : 0) - power / total);
        biases[k] += step;
        row.forEach((value, at) => (weights[k][at] += step * value));
      });
    });
  }
  const real = weights.map((unit) => unit.map((weight, at) => weight / deviations[at]));
  return [
    { kind: 'globalAveragePool', name: 'pool' },
    {
      kind: 'dense',
      name: 'scores',
      inputs,
      units: CLASSES,
      weights: Float32Array.from(real.flat()),
      bias: Float32Array.from(biases.map((bias, k) => bias - real[k].reduce((sum, w, at) => sum + w * means[at], 0))),
    },
    { kind: 'softmax', name: 'softmax' },
  ];
}

/**
 * The same function with other scales inside: gamma and beta of each batch norm but the last times a factor of its
 * channel, 0.05 … 20, and the weights that read the channel divided by it. Exact for ReLU, which commutes with factors.
 */
export function perturbed(graph: Graph, seed: number): Graph {
  const random = Random.of(seed, 'perturb');
  const norms = graph.nodes.filter(({ kind }) => kind === 'batchNorm').length;
  let seen = 0;
  let factors: Float64Array | undefined;
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.kind === 'convolution' || node.kind === 'depthwise') return readScaled(node, factors);
    if (node.kind !== 'batchNorm') return node;
    seen++;
    const own = Float64Array.from(node.gamma, () => Math.exp(random.between(Math.log(0.05), Math.log(20))));
    factors = seen === norms ? undefined : own;
    if (seen === norms) return node;
    return { ...node, gamma: node.gamma.map((g, at) => g * own[at]), beta: node.beta.map((b, at) => b * own[at]) };
  });
  return { ...graph, nodes };
}

function readScaled(
  node: GraphNode & { kind: 'convolution' | 'depthwise' },
  factors: Float64Array | undefined,
): GraphNode {
  if (factors === undefined) return node;
  if (node.kind === 'depthwise')
    // The batch norm behind it sees the same sums as before, since map and weight scale against each other.
    return { ...node, weights: node.weights.map((weight, at) => weight / factors[Math.floor(at / 9)]) };
  const area = node.kernel ** 2;
  return {
    ...node,
    weights: node.weights.map((weight, at) => weight / factors[Math.floor(at / area) % node.inputChannels]),
  };
}

const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const column = (length: number, of: (at: number) => number): number[] => Array.from({ length }, (_, at) => of(at));

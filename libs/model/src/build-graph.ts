import { reverseAxes, type FloatTensor } from '@graft/tensor';

import { activationName } from './activation';
import { weightsDoNotFit } from './errors';
import type { BatchNormNode, ConvolutionNode, DepthwiseNode, Graph, GraphNode } from './graph';
import {
  BATCH_NORM_EPSILON,
  POOL_NODES,
  headDenses,
  mobilenetV1,
  type BackboneLayer,
  type HeadDense,
  type MobilenetConfig,
} from './mobilenet';
import { networkShape } from './network-shape';

/**
 * Tensors under their Keras names and in their Keras layouts: `conv1/kernel` [row][column][input][output],
 * `conv_dw_1/depthwise_kernel` [row][column][channel][1], `dense_1/kernel` [input][unit], `<layer>/bias`,
 * `<layer>_bn/{gamma,beta,moving_mean,moving_variance}`.
 */
export type NamedWeights = ReadonlyMap<string, FloatTensor>;

/**
 * The whole network for inference (dropout does nothing there and is left out). A backbone layer has a batch norm where
 * the weights hold one, else a bias. @throws GraftError E601, E602, E605
 */
export function buildGraph(config: MobilenetConfig, weights: NamedWeights): Graph {
  networkShape(config);
  const pick = new WeightPicker(weights);
  const { kind, name } = POOL_NODES[config.pooling];
  const nodes: GraphNode[] = [
    ...mobilenetV1(config).flatMap((layer) => backboneNodes(layer, pick)),
    { kind, name },
    ...headDenses(config).flatMap((dense) => denseNodes(dense, pick)),
    { kind: 'softmax', name: 'softmax' },
  ];
  pick.check();
  return { name: graphName(config), input: inputOf(config), nodes };
}

/** The part before pooling. @throws GraftError E601, E602, E605 */
export function buildBackbone(config: MobilenetConfig, weights: NamedWeights): Graph {
  networkShape(config);
  const pick = new WeightPicker(weights);
  const nodes = mobilenetV1(config).flatMap((layer) => backboneNodes(layer, pick));
  pick.check();
  return { name: graphName(config), input: inputOf(config), nodes };
}

function graphName({ alpha, output, input }: MobilenetConfig): string {
  return `mobilenet_v1_${alpha}_${input.height}x${input.width}_${output}`;
}

/** Nothing else that a caller's object may hold: the graph is written to a file and is part of the names of caches. */
function inputOf({ input: { height, width }, encoding }: MobilenetConfig): Graph['input'] {
  return { channels: 3, height, width, encoding };
}

function backboneNodes(layer: BackboneLayer, pick: WeightPicker): GraphNode[] {
  const convolution = layer.kind === 'depthwise' ? depthwiseNode(layer, pick) : convolutionNode(layer, pick);
  const normalised = convolution.bias === undefined || pick.has(`${layer.name}_bn/gamma`);
  const batchNorm = normalised ? [batchNormNode(layer, pick)] : [];
  return [convolution, ...batchNorm, { kind: 'activation', name: `${layer.name}_relu`, activation: 'relu6' }];
}

function convolutionNode(layer: BackboneLayer, pick: WeightPicker): ConvolutionNode {
  const { name, kernel, stride, inputChannels, outputChannels } = layer;
  const values = pick.take(`${name}/kernel`, [kernel, kernel, inputChannels, outputChannels]);
  const weights = reverseAxes(values, kernel * kernel, inputChannels, outputChannels);
  return { kind: 'convolution', name, inputChannels, outputChannels, kernel, stride, weights, ...biasOf(layer, pick) };
}

function depthwiseNode(layer: BackboneLayer, pick: WeightPicker): DepthwiseNode {
  const { name, stride, inputChannels: channels } = layer;
  const values = pick.take(`${name}/depthwise_kernel`, [3, 3, channels, 1]);
  const weights = reverseAxes(values, 9, 1, channels);
  return { kind: 'depthwise', name, channels, stride, weights, ...biasOf(layer, pick) };
}

function biasOf(layer: BackboneLayer, pick: WeightPicker): { bias?: Float32Array } {
  const name = `${layer.name}/bias`;
  return pick.has(name) ? { bias: pick.take(name, [layer.outputChannels]) } : {};
}

function batchNormNode(layer: BackboneLayer, pick: WeightPicker): BatchNormNode {
  const name = `${layer.name}_bn`;
  const vector = (part: string) => pick.take(`${name}/${part}`, [layer.outputChannels]);
  return {
    kind: 'batchNorm',
    name,
    gamma: vector('gamma'),
    beta: vector('beta'),
    mean: vector('moving_mean'),
    variance: vector('moving_variance'),
    epsilon: BATCH_NORM_EPSILON,
  };
}

function denseNodes({ name, inputs, units, activation }: HeadDense, pick: WeightPicker): GraphNode[] {
  const weights = reverseAxes(pick.take(`${name}/kernel`, [inputs, units]), 1, inputs, units);
  const dense = { kind: 'dense', name, inputs, units, weights, bias: pick.take(`${name}/bias`, [units]) } as const;
  if (activation === 'linear') return [dense];
  return [dense, { kind: 'activation', name: `${name}_${activationName(activation)}`, activation }];
}

/** Hands out tensors of the wanted shape and collects every complaint, so that all are shown together. */
class WeightPicker {
  private readonly problems: string[] = [];

  constructor(private readonly weights: NamedWeights) {}

  has(name: string): boolean {
    return this.weights.has(name);
  }

  take(name: string, shape: readonly number[]): Float32Array {
    const tensor = this.weights.get(name);
    const size = shape.reduce((product, side) => product * side, 1);
    if (tensor === undefined) this.problems.push(`${name} [${shape.join(', ')}] is missing`);
    else if (tensor.shape.join() !== shape.join() || tensor.data.length !== size) {
      this.problems.push(`${name} is [${tensor.shape.join(', ')}]; the network takes [${shape.join(', ')}]`);
    } else return tensor.data.slice();
    return new Float32Array(size);
  }

  check(): void {
    if (this.problems.length > 0) throw weightsDoNotFit(this.problems, this.hint());
  }

  private hint(): string {
    const first = this.weights.get('conv1/kernel')?.shape[3];
    if (first === undefined) return 'take weights of a Keras MobileNet v1, or of the SSD MobileNet v1 trunk';
    return `these weights are for alpha ${first / 32}: set model.alpha to that, or take other weights`;
  }
}

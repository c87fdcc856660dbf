import { sizeOf, type MapShape } from '@graft/tensor';

import type { Activation } from './activation';
import { unevenSize } from './errors';
import {
  headDenses,
  mobilenetV1,
  POOL_NODES,
  type BackboneLayer,
  type HeadDense,
  type MobilenetConfig,
} from './mobilenet';

/** One layer as the fit check sees it: batch norm and activation belong to the layer before them. Vectors are 1×1 maps. */
export interface LayerShape {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise' | 'globalAveragePool' | 'globalAverageMaxPool' | 'dense' | 'softmax';
  /** 1 where there is no window. */
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly activation: Activation;
  readonly input: MapShape;
  /** After the stride. */
  readonly output: MapShape;
  /** Number of weights, biases not counted. */
  readonly weights: number;
  readonly biases: number;
  /** Multiplications and additions of one picture, for the outputs that the stride keeps. */
  readonly macs: number;
}

/** The network as data, without weights. @throws GraftError E601, E605 */
export function networkShape(config: MobilenetConfig): readonly LayerShape[] {
  const layers: LayerShape[] = [];
  let input: MapShape = { channels: 3, ...config.input };
  const backbone = mobilenetV1(config);
  const step = 2 ** backbone.filter((layer) => layer.stride === 2).length;
  for (const layer of backbone) {
    if (layer.stride === 2 && !isEven(input)) throw unevenSize(layer.name, input.height, input.width, step);
    const shape = convolutionShape(layer, input);
    layers.push(shape);
    input = shape.output;
  }
  const { kind, name, values } = POOL_NODES[config.pooling];
  layers.push({ ...plain(kind, input, vector(values * input.channels)), name });
  for (const dense of headDenses(config)) layers.push(denseShape(dense));
  const scores = vector(config.classes);
  layers.push({ ...plain('softmax', scores, scores), name: 'softmax' });
  return layers;
}

function convolutionShape(layer: BackboneLayer, input: MapShape): LayerShape {
  const { stride, kernel } = layer;
  const output = { channels: layer.outputChannels, height: input.height / stride, width: input.width / stride };
  const inputsPerOutput = layer.kind === 'depthwise' ? 1 : layer.inputChannels;
  const weights = layer.outputChannels * inputsPerOutput * kernel * kernel;
  return {
    name: layer.name,
    kind: layer.kind,
    kernel,
    stride,
    activation: 'relu6',
    input,
    output,
    weights,
    biases: layer.outputChannels,
    macs: sizeOf(output) * inputsPerOutput * kernel * kernel,
  };
}

function isEven({ height, width }: MapShape): boolean {
  return height % 2 === 0 && width % 2 === 0;
}

function denseShape({ name, inputs, units, activation }: HeadDense): LayerShape {
  const weights = inputs * units;
  return { ...plain('dense', vector(inputs), vector(units)), name, activation, weights, biases: units, macs: weights };
}

function plain<Kind extends LayerShape['kind']>(kind: Kind, input: MapShape, output: MapShape) {
  return { kind, kernel: 1, stride: 1, activation: 'linear', input, output, weights: 0, biases: 0, macs: 0 } as const;
}

function vector(channels: number): MapShape {
  return { channels, height: 1, width: 1 };
}

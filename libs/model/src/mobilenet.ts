import type { Activation } from './activation';
import type { InputEncoding } from './graph';
import { unknownOutput } from './errors';

/** A layer between the pooled features and the last dense layer over the classes. */
export type HeadShape =
  | { readonly type: 'dense'; readonly units: number; readonly activation: Activation }
  | { readonly type: 'dropout'; readonly rate: number };

/** How a map becomes a vector: the mean of each channel, or the means and then the maximum of each. */
export type Pooling = 'avg' | 'avg_max';

/** MobileNet v1 (Howard et al., 2017), cut at `output`, then `pooling`, `head`, a dense layer over the classes and softmax. */
export interface MobilenetConfig {
  /** Width multiplier; the channels of every layer are ⌊base · alpha⌋, as in Keras. */
  readonly alpha: number;
  /** Keras name of the last layer kept: conv1_relu, conv_pw_1_relu … conv_pw_13_relu. */
  readonly output: string;
  /** Pixels. */
  readonly input: { readonly height: number; readonly width: number };
  readonly encoding: InputEncoding;
  readonly pooling: Pooling;
  readonly head: readonly HeadShape[];
  readonly classes: number;
}

/** A convolution of the backbone. `block` is 0 for conv1, else the number in `conv_dw_<block>` and `conv_pw_<block>`. */
export interface BackboneLayer {
  readonly name: string;
  readonly kind: 'convolution' | 'depthwise';
  readonly block: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly inputChannels: number;
  readonly outputChannels: number;
}

/** A dense layer of the head under its own name; the last one is called `predictions`. */
export interface HeadDense {
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
  readonly activation: Activation;
}

/** Batch norms of MobileNet v1 in Keras and in TensorFlow's detection models add this to the variance. */
export const BATCH_NORM_EPSILON = 0.001;

/** The layer that pools: its kind, its name (Keras has none for both), and how many values it makes of a channel. */
export const POOL_NODES = {
  avg: { kind: 'globalAveragePool', name: 'global_average_pooling2d', values: 1 },
  avg_max: { kind: 'globalAverageMaxPool', name: 'global_average_max_pooling2d', values: 2 },
} as const;

const CONV1_CHANNELS = 32;
/** Output channels at alpha 1 and stride of blocks 1 … 13. */
const BLOCKS: readonly { readonly channels: number; readonly stride: 1 | 2 }[] = [
  { channels: 64, stride: 1 },
  { channels: 128, stride: 2 },
  { channels: 128, stride: 1 },
  { channels: 256, stride: 2 },
  { channels: 256, stride: 1 },
  { channels: 512, stride: 2 },
  ...Array.from({ length: 5 }, () => ({ channels: 512, stride: 1 }) as const),
  { channels: 1024, stride: 2 },
  { channels: 1024, stride: 1 },
];

/** Every name that `output` may have, from the front to the back. */
export const MOBILENET_OUTPUTS: readonly string[] = [
  'conv1_relu',
  ...BLOCKS.map((_, index) => `conv_pw_${index + 1}_relu`),
];

/** The convolutions of the backbone in order, up to `output`. Each is followed by batch norm (or has a bias) and ReLU6. @throws GraftError E601 */
export function mobilenetV1(config: Pick<MobilenetConfig, 'alpha' | 'output'>): readonly BackboneLayer[] {
  const lastBlock = MOBILENET_OUTPUTS.indexOf(config.output);
  if (lastBlock < 0) throw unknownOutput(config.output, MOBILENET_OUTPUTS);
  const wide = (channels: number) => Math.floor(channels * config.alpha);
  const first = wide(CONV1_CHANNELS);
  const layers: BackboneLayer[] = [
    { name: 'conv1', kind: 'convolution', block: 0, kernel: 3, stride: 2, inputChannels: 3, outputChannels: first },
  ];
  let channels = first;
  BLOCKS.slice(0, lastBlock).forEach(({ channels: base, stride }, index) => {
    layers.push(...blockLayers(index + 1, stride, channels, wide(base)));
    channels = wide(base);
  });
  return layers;
}

function blockLayers(block: number, stride: 1 | 2, inputs: number, outputs: number): BackboneLayer[] {
  const depthwise = {
    kind: 'depthwise',
    block,
    kernel: 3,
    stride,
    inputChannels: inputs,
    outputChannels: inputs,
  } as const;
  const pointwise = {
    kind: 'convolution',
    block,
    kernel: 1,
    stride: 1,
    inputChannels: inputs,
    outputChannels: outputs,
  } as const;
  return [
    { name: `conv_dw_${block}`, ...depthwise },
    { name: `conv_pw_${block}`, ...pointwise },
  ];
}

/** The dense layers after the pooled features: those of the head (`dense_1` …), then `predictions`. */
export function headDenses(
  config: Pick<MobilenetConfig, 'alpha' | 'output' | 'pooling' | 'head' | 'classes'>,
): readonly HeadDense[] {
  const denses: HeadDense[] = [];
  let inputs = POOL_NODES[config.pooling].values * (mobilenetV1(config).at(-1)?.outputChannels ?? 0);
  for (const layer of config.head) {
    if (layer.type !== 'dense') continue;
    denses.push({ name: `dense_${denses.length + 1}`, inputs, units: layer.units, activation: layer.activation });
    inputs = layer.units;
  }
  return [...denses, { name: 'predictions', inputs, units: config.classes, activation: 'linear' }];
}

/**
 * Layer names of the backbone as today's Keras (3) lists `model.layers`: the input layer is the first, and each halving
 * depthwise layer has a padding layer before it. The Keras of 2019 listed one more, `conv1_pad`.
 */
export function kerasLayers(config: Pick<MobilenetConfig, 'alpha' | 'output'>): readonly string[] {
  const names = ['input'];
  for (const layer of mobilenetV1(config)) {
    if (layer.kind === 'depthwise' && layer.stride === 2) names.push(`conv_pad_${layer.block}`);
    names.push(layer.name, `${layer.name}_bn`, `${layer.name}_relu`);
  }
  return names;
}

import { unreachable } from '@graft/foundation';
import type { Activation, Graph, GraphNode } from '@graft/model';
import { reverseAxes } from '@graft/tensor';

import { activationNotExportable } from '../errors';

/** A tensor under the name and in the order of axes that Keras has for it. */
export interface KerasTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A layer of Keras: class, configuration, the layers that it reads, and its numbers. */
export interface KerasLayer {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers before it; empty for the input layer. */
  readonly inputs: readonly string[];
  readonly tensors: readonly KerasTensor[];
}

export const KERAS_INPUT = 'image';

/**
 * The network as layers of Keras 2 under their Keras names, batch norms kept. The first ones normalize pixel values. A halving
 * 3×3 convolution has a padding layer of one zero on all four sides before it (Keras itself pads right and bottom only).
 * @param format for messages @throws GraftError E801
 */
export function kerasLayers(graph: Graph, format: string): readonly KerasLayer[] {
  const { height, width, channels, encoding } = graph.input;
  const layers: KerasLayer[] = [
    {
      ...{ name: KERAS_INPUT, className: 'InputLayer', inputs: [], tensors: [] },
      config: { batch_input_shape: [null, height, width, channels], dtype: 'float32', sparse: false },
    },
    plain('normalize', 'Rescaling', { ...encoding }, [KERAS_INPUT]),
  ];
  for (const node of graph.nodes) layers.push(...layersOf(node, layers.at(-1)?.name ?? KERAS_INPUT, format));
  return layers;
}

function layersOf(node: GraphNode, before: string, format: string): KerasLayer[] {
  const { name } = node;
  switch (node.kind) {
    case 'convolution':
    case 'depthwise':
      return convolutionLayers(node, before);
    case 'batchNorm': {
      const { gamma, beta, mean, variance, epsilon } = node;
      const config = { axis: 3, epsilon, center: true, scale: true };
      const vectors = { gamma, beta, moving_mean: mean, moving_variance: variance };
      const tensors = Object.entries(vectors).map(([part, data]) => tensor(name, part, [data.length], data));
      return [{ ...plain(name, 'BatchNormalization', config, [before]), tensors }];
    }
    case 'activation':
      return [activationLayer(name, node.activation, before, format)];
    case 'globalAveragePool':
      return [plain(name, 'GlobalAveragePooling2D', {}, [before])];
    case 'globalAverageMaxPool': {
      const [mean, maximum] = [`${name}_average`, `${name}_max`];
      return [
        plain(mean, 'GlobalAveragePooling2D', {}, [before]),
        plain(maximum, 'GlobalMaxPooling2D', {}, [before]),
        plain(name, 'Concatenate', { axis: -1 }, [mean, maximum]),
      ];
    }
    case 'dense': {
      const kernel = reverseAxes(node.weights, node.units, 1, node.inputs);
      return [
        {
          ...plain(name, 'Dense', { units: node.units, use_bias: true, activation: 'linear' }, [before]),
          tensors: [
            tensor(name, 'kernel', [node.inputs, node.units], kernel),
            tensor(name, 'bias', [node.units], node.bias),
          ],
        },
      ];
    }
    case 'softmax':
      return [plain(name, 'Softmax', { axis: -1 }, [before])];
    default:
      return unreachable(node);
  }
}

function convolutionLayers(
  node: Extract<GraphNode, { kind: 'convolution' | 'depthwise' }>,
  before: string,
): KerasLayer[] {
  const depthwise = node.kind === 'depthwise';
  const side = depthwise ? 3 : node.kernel;
  const pads = side === 3 && node.stride === 2;
  const padding: KerasLayer[] = pads ? [padLayer(`${node.name}_pad`, before)] : [];
  const shared = {
    ...{ kernel_size: [side, side], strides: [node.stride, node.stride], padding: pads ? 'valid' : 'same' },
    ...{ use_bias: node.bias !== undefined, activation: 'linear', dilation_rate: [1, 1], data_format: 'channels_last' },
  };
  const inputs = [padding[0]?.name ?? before];
  const bias = node.bias === undefined ? [] : [tensor(node.name, 'bias', [node.bias.length], node.bias)];
  if (node.kind === 'depthwise') {
    const values = reverseAxes(node.weights, node.channels, 1, 9);
    const kernel = tensor(node.name, 'depthwise_kernel', [3, 3, node.channels, 1], values);
    const layer = plain(node.name, 'DepthwiseConv2D', { ...shared, depth_multiplier: 1 }, inputs);
    return [...padding, { ...layer, tensors: [kernel, ...bias] }];
  }
  const { inputChannels, outputChannels } = node;
  const values = reverseAxes(node.weights, outputChannels, inputChannels, side * side);
  const kernel = tensor(node.name, 'kernel', [side, side, inputChannels, outputChannels], values);
  const layer = plain(node.name, 'Conv2D', { ...shared, filters: outputChannels }, inputs);
  return [...padding, { ...layer, tensors: [kernel, ...bias] }];
}

function padLayer(name: string, before: string): KerasLayer {
  const onePixel = [1, 1];
  return plain(name, 'ZeroPadding2D', { padding: [onePixel, onePixel], data_format: 'channels_last' }, [before]);
}

function activationLayer(name: string, activation: Activation, before: string, format: string): KerasLayer {
  if (typeof activation === 'object') return plain(name, 'LeakyReLU', { alpha: activation.alpha }, [before]);
  if (activation === 'relu6') return plain(name, 'ReLU', { max_value: 6 }, [before]);
  if (activation === 'hard_swish') throw activationNotExportable(format, name, activation);
  return plain(name, 'Activation', { activation }, [before]);
}

const tensor = (layer: string, part: string, shape: readonly number[], data: Float32Array): KerasTensor => ({
  name: `${layer}/${part}`,
  shape,
  data,
});

/** A layer without numbers. */
function plain(
  name: string,
  className: string,
  config: Readonly<Record<string, unknown>>,
  inputs: readonly string[],
): KerasLayer {
  return { name, className, config: { name, trainable: true, dtype: 'float32', ...config }, inputs, tensors: [] };
}

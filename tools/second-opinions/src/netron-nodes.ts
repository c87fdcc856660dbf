import type { FullyConnectedLayer, KModelLayer } from '@graft/kmodel';

import type { NetronNode } from './netron';
import { meantConvolution } from './netron-convolution';
import { constant, kpu, main } from './netron-values';
import type { MeantNode, MeantValue } from './netron-values';

/** What netron should show of a layer; shapes are width, height, channels. @throws Error for one it cannot read */
export function meantNode(layer: KModelLayer): MeantNode {
  const { flags } = layer;
  switch (layer.kind) {
    case 'convolution':
      return meantConvolution(layer);
    case 'globalAveragePool':
      return node('GLOBAL_AVERAGE_POOL2D', main(layer.input), main(layer.output), {
        flags,
        kernel_size: layer.kernelSize,
        channels: layer.channels,
      });
    case 'quantizedMaxPool':
      return node(
        'QUANTIZED_MAX_POOL2D',
        main(layer.input, [layer.inputWidth, layer.inputHeight, layer.inputChannels]),
        main(layer.output, [layer.outputWidth, layer.outputHeight, layer.outputChannels]),
        {
          flags,
          kernel: [layer.kernelWidth, layer.kernelHeight],
          stride: [layer.strideWidth, layer.strideHeight],
          padding: [layer.paddingWidth, layer.paddingHeight],
        },
      );
    case 'quantize':
    case 'dequantize':
      return node(layer.kind.toUpperCase(), main(layer.input), main(layer.output), {
        flags,
        count: layer.count,
        scale: layer.scale,
        bias: layer.bias,
      });
    case 'requantize':
      return node('REQUANTIZE', main(layer.input), main(layer.output), {
        flags,
        count: layer.count,
        table: [...layer.table],
      });
    case 'softmax':
      return node('SOFTMAX', main(layer.input), main(layer.output), { flags, channels: layer.channels });
    case 'concat':
    case 'quantizedConcat':
      return {
        type: layer.kind === 'concat' ? 'CONCAT' : 'QUANTIZED_CONCAT',
        inputs: [],
        outputs: [{ name: 'output', values: [main(layer.output)] }],
        // What netron calls the end is the size.
        attributes: { flags, inputs_mem: layer.inputs.map(({ start, size }) => ({ start, end: size })) },
      };
    case 'fullyConnected':
      return fullyConnected(layer);
    case 'flatten': {
      const shape = [layer.width, layer.height, layer.channels];
      return node('TENSORFLOW_FLATTEN', main(layer.input, shape), main(layer.output, shape), { flags });
    }
    case 'resizeNearest':
    case 'quantizedResizeNearest':
      return node(
        layer.kind === 'resizeNearest' ? 'RESIZE_NEAREST_NEIGHBOR' : 'QUANTIZED_RESIZE_NEAREST_NEIGHBOR',
        main(layer.input, [layer.inputWidth, layer.inputHeight, layer.channels]),
        main(layer.output),
        { flags, out_width: layer.outputWidth, out_height: layer.outputHeight, align_corners: layer.alignCorners },
      );
    case 'addPadding':
      return node('K210_ADD_PADDING', main(layer.input), kpu(layer.destinationLine), {
        flags,
        channels: layer.channels,
      });
    case 'removePadding':
      return node('K210_REMOVE_PADDING', main(layer.input), main(layer.output), { flags, channels: layer.channels });
    case 'upload': {
      const shape = [layer.width, layer.height, layer.channels];
      return node('K210_UPLOAD', main(layer.input, shape), kpu(layer.destinationLine, shape), { flags });
    }
    default:
      throw new Error(`netron reads no ${layer.kind}`);
  }
}

function node(type: string, input: MeantValue, output: MeantValue, attributes: NetronNode['attributes']): MeantNode {
  return {
    type,
    inputs: [{ name: 'input', values: [input] }],
    outputs: [{ name: 'output', values: [output] }],
    attributes,
  };
}

function fullyConnected(layer: FullyConnectedLayer): MeantNode {
  const { inputChannels, outputChannels, weights, bias, activation } = layer;
  const base = node('FULLY_CONNECTED', main(layer.input), main(layer.output), {
    flags: layer.flags,
    in_channels: inputChannels,
    out_channels: outputChannels,
  });
  return {
    ...base,
    // Netron writes [input, output] over bytes that are in order of [output, input].
    inputs: [
      ...base.inputs,
      { name: 'weights', values: [constant('float32', [inputChannels, outputChannels], weights)] },
      { name: 'bias', values: [constant('float32', [outputChannels], bias)] },
    ],
    chain: activation === 0 ? [] : [{ type: activation === 1 ? 'RELU' : 'RELU6' }],
  };
}

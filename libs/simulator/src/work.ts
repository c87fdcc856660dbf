import { unreachable } from '@graft/foundation';
import type { KModelLayer } from '@graft/kmodel';

/** Products, comparisons and copies that a layer takes for one input; the time of a run goes with it. */
export function workOf(layer: KModelLayer): number {
  switch (layer.kind) {
    case 'convolution': {
      const { depthwise, inputChannels, outputChannels, kernel, inputHeight, inputWidth } = layer.registers;
      return (depthwise ? 1 : inputChannels) * kernel ** 2 * outputChannels * inputHeight * inputWidth;
    }
    case 'quantizedMaxPool':
    case 'averagePool': {
      // Only the part of a window that lies inside of the map is looked at.
      const window =
        Math.min(layer.kernelHeight, layer.inputHeight) * Math.min(layer.kernelWidth, layer.inputWidth) + 1;
      return window * layer.outputChannels * layer.outputHeight * layer.outputWidth;
    }
    case 'fullyConnected':
      return layer.inputChannels * layer.outputChannels;
    case 'globalAveragePool':
      return layer.kernelSize * layer.channels;
    case 'channelwiseDequantize':
      return layer.channels * layer.channelSize;
    case 'concat':
    case 'quantizedConcat':
      return layer.inputs.reduce((sum, { size }) => sum + size + 1, 0);
    case 'resizeNearest':
    case 'quantizedResizeNearest':
      return layer.channels * layer.outputHeight * layer.outputWidth;
    case 'flatten':
    case 'upload':
      return layer.channels * layer.height * layer.width;
    case 'add':
    case 'quantizedAdd':
    case 'quantize':
    case 'dequantize':
    case 'requantize':
      return layer.count;
    case 'l2Normalization':
    case 'softmax':
    case 'logistic':
    case 'addPadding':
    case 'removePadding':
      return layer.channels;
    default:
      return unreachable(layer);
  }
}

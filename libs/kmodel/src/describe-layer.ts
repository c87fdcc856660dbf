import { sha256, unreachable } from '@graft/foundation';
import { mapLines } from '@graft/k210';

import { reachesMainMemory, weightLoads } from './geometry';
import type { ConvolutionLayer, FullyConnectedLayer, KModelLayer } from './kmodel';

/** Shapes, addresses and numbers of one layer, and a short digest of each of its tables. */
export function describeLayer(layer: KModelLayer, weightBits: 8 | 16): string {
  switch (layer.kind) {
    case 'convolution':
      return describeConvolution(layer, weightBits);
    case 'add':
      return `${floats(layer.inputA, layer.count)} + ${floats(layer.inputB, layer.count)} → ${floats(layer.output, layer.count)}`;
    case 'quantizedAdd':
      return [
        `${bytes(layer.inputA, layer.count)} + ${bytes(layer.inputB, layer.count)} → ${bytes(layer.output, layer.count)}`,
        `a (${layer.offsetA}, ×${layer.multiplierA}, >>${layer.shiftA})`,
        `b (${layer.offsetB}, ×${layer.multiplierB}, >>${layer.shiftB})`,
        `out (${layer.outputOffset}, ×${layer.outputMultiplier}, >>${layer.outputShift})`,
      ].join('  ');
    case 'globalAveragePool': {
      const { input, output, channels, kernelSize } = layer;
      return `${floats(input, channels * kernelSize)} → ${floats(output, channels)}  ${channels} channels of ${kernelSize}`;
    }
    case 'quantizedMaxPool':
      return describeWindow(layer);
    case 'averagePool':
      return `${describeWindow(layer)}  activation ${layer.activation}`;
    case 'quantize':
      return `${floats(layer.input, layer.count)} → ${bytes(layer.output, layer.count)}  ${scaleAndBias(layer)}`;
    case 'dequantize':
      return `${bytes(layer.input, layer.count)} → ${floats(layer.output, layer.count)}  ${scaleAndBias(layer)}`;
    case 'requantize':
      return `${bytes(layer.input, layer.count)} → ${bytes(layer.output, layer.count)}  table ${digest(layer.table)}`;
    case 'l2Normalization':
    case 'softmax':
    case 'logistic':
      return `${floats(layer.input, layer.channels)} → ${floats(layer.output, layer.channels)}`;
    case 'concat':
    case 'quantizedConcat': {
      const total = layer.inputs.reduce((sum, { size }) => sum + size, 0);
      const inputs = layer.inputs.map(({ start, size }) => mainRange(start, size)).join(' + ');
      return `main ${inputs} → main ${mainRange(layer.output, total)}`;
    }
    case 'fullyConnected':
      return describeFullyConnected(layer);
    case 'flatten': {
      const { input, output, channels, height, width } = layer;
      const count = channels * height * width;
      return `${floats(input, count)} → ${floats(output, count)}  ${shape(channels, height, width)} → row, column, channel`;
    }
    case 'resizeNearest':
    case 'quantizedResizeNearest': {
      const list = layer.kind === 'resizeNearest' ? floats : bytes;
      const { channels, inputHeight, inputWidth, outputHeight, outputWidth } = layer;
      return [
        `${list(layer.input, channels * inputHeight * inputWidth)} → ${list(layer.output, channels * outputHeight * outputWidth)}`,
        `${shape(channels, inputHeight, inputWidth)} → ${shape(channels, outputHeight, outputWidth)}`,
        `align ${layer.alignCorners}`,
      ].join('  ');
    }
    case 'channelwiseDequantize': {
      const { input, output, channels, channelSize } = layer;
      const ranges = new Float32Array(layer.ranges.flatMap(({ scale, bias }) => [scale, bias]));
      return `${bytes(input, channels * channelSize)} → ${floats(output, channels * channelSize)}  ${channels} ranges ${digestFloats(ranges)}`;
    }
    case 'addPadding':
      return `${bytes(layer.input, layer.channels)} → lines ${lineRange(layer.destinationLine, layer.channels, 4, 4)}`;
    case 'removePadding':
      return `${bytes(layer.input, layer.channels * 16)} → ${bytes(layer.output, layer.channels)}`;
    case 'upload': {
      const { channels, height, width } = layer;
      const lines = lineRange(layer.destinationLine, channels, height, width);
      return `${bytes(layer.input, channels * height * width)} → lines ${lines}  ${shape(channels, height, width)}`;
    }
    default:
      return unreachable(layer);
  }
}

function describeConvolution(layer: ConvolutionLayer, weightBits: 8 | 16): string {
  const { registers: r, weights, batchNorm, activation } = layer;
  const loads = weightLoads(r, weightBits);
  const map = r.outputChannels * r.outputHeight * r.outputWidth;
  return [
    `${r.depthwise ? 'depthwise ' : ''}${r.kernel}×${r.kernel} pool ${r.poolType}`,
    `${shape(r.inputChannels, r.inputHeight, r.inputWidth)} → ${shape(r.outputChannels, r.outputHeight, r.outputWidth)}`,
    `lines ${lineRange(r.sourceLine, r.inputChannels, r.inputHeight, r.inputWidth)} → ` +
      lineRange(r.destinationLine, r.outputChannels, r.outputHeight, r.outputWidth) +
      (reachesMainMemory(layer) ? ` and ${bytes(layer.mainOut, map)}` : ''),
    `pad ${r.padValue}, x (${r.argX} >> ${r.shiftX}), w (${r.argW} >> ${r.shiftW}), add ${r.argAdd}`,
    `weights ${weights.length} in ${loads.loads} × ${loads.bytesPerLoad} ${digest(weights)}`,
    `norm ${digest(JSON.stringify(batchNorm.map((entry) => [entry.multiplier, entry.add, entry.shift])))}`,
    `activation ${digest(JSON.stringify(activation.map((s) => [s.start, s.multiplier, s.shift, s.bias])))}`,
    ...(layer.mainOut === 0 || reachesMainMemory(layer) ? [] : [`main out ${layer.mainOut}`]),
  ].join('  ');
}

function describeFullyConnected(layer: FullyConnectedLayer): string {
  const { input, output, inputChannels, outputChannels, weights, bias } = layer;
  return [
    `${floats(input, inputChannels)} → ${floats(output, outputChannels)}`,
    `activation ${layer.activation}  weights ${digestFloats(weights)}  bias ${digestFloats(bias)}`,
  ].join('  ');
}

function describeWindow(layer: Extract<KModelLayer, { kind: 'quantizedMaxPool' | 'averagePool' }>): string {
  const list = layer.kind === 'averagePool' ? floats : bytes;
  const { inputChannels, inputHeight, inputWidth, outputChannels, outputHeight, outputWidth } = layer;
  return [
    `${list(layer.input, inputChannels * inputHeight * inputWidth)} → ${list(layer.output, outputChannels * outputHeight * outputWidth)}`,
    `${shape(inputChannels, inputHeight, inputWidth)} → ${shape(outputChannels, outputHeight, outputWidth)}`,
    `kernel ${layer.kernelHeight}×${layer.kernelWidth} stride ${layer.strideHeight}×${layer.strideWidth} padding ${layer.paddingHeight}×${layer.paddingWidth}`,
  ].join('  ');
}

function shape(channels: number, height: number, width: number): string {
  return `${channels}×${height}×${width}`;
}

function lineRange(line: number, channels: number, height: number, width: number): string {
  return `${line}–${line + mapLines(channels, height, width) - 1}`;
}

/** Byte addresses, first to last. */
export function mainRange(address: number, size: number): string {
  return `${address}–${address + Math.max(size, 1) - 1}`;
}

function floats(address: number, count: number): string {
  return `${count} floats at ${mainRange(address, 4 * count)}`;
}

function bytes(address: number, count: number): string {
  return `${count} bytes at ${mainRange(address, count)}`;
}

function scaleAndBias({ scale, bias }: { readonly scale: number; readonly bias: number }): string {
  return `scale ${scale} bias ${bias}`;
}

function digestFloats(values: Float32Array): string {
  return digest(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** Enough of SHA-256 to tell two tables apart. */
function digest(data: Uint8Array | string): string {
  return `#${sha256(data).slice(0, 8)}`;
}

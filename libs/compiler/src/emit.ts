import { unreachable } from '@graft/foundation';
import type { ConvolutionLayer, KModel, KModelLayer } from '@graft/kmodel';
import { TO_MAIN_MEMORY } from '@graft/kmodel';
import type { ClampingActivation } from '@graft/model';
import { sizeOf } from '@graft/tensor';

import type { KpuLayer, Program } from './kpu-program';
import type { CpuNode } from './lower-tail';
import type { MemoryPlan } from './memory-plan';
import type { KpuRun } from './split-channels';
import { runsOf } from './split-channels';

/** Left-top pixel of each 2×2. */
const SUBSAMPLE = 5;
const FULLY_CONNECTED_ACTIVATION: Readonly<Record<ClampingActivation, number>> = { linear: 0, relu: 1, relu6: 2 };

/** Copies a finished program into the vocabulary of the file format. */
export function emit(program: Program): KModel {
  const { plan } = program;
  if (plan === undefined) throw new Error('internal: memory is not planned');
  const output = plan.mainBuffers[plan.mainBuffers.length - 1];
  return {
    weightBits: 8,
    maxStartAddress: plan.kpuMaps.reduce((lowest, { line }) => Math.min(lowest, line), Number.POSITIVE_INFINITY),
    mainMemoryBytes: plan.mainBytes,
    outputs: [{ address: output.address, size: output.bytes }],
    layers: [
      ...program.layers.flatMap((layer, index) =>
        runsOf(layer).map((run) => convolutionLayer(layer, run, index, plan)),
      ),
      ...cpuLayers(program, plan),
    ],
  };
}

function convolutionLayer(layer: KpuLayer, run: KpuRun, index: number, plan: MemoryPlan): ConvolutionLayer {
  const { kind, kernel, input, output, subsample, lineOffset, byteOffset } = run;
  const { weights, arithmetic } = layer;
  const { first, count } = run.channels;
  const weightsPerChannel = weights.length / layer.output.channels;
  if (arithmetic === undefined) throw new Error(`internal: layer "${layer.name}" has no arithmetic`);
  const { batchNorm, activation, padValue, argX, shiftX, argW, shiftW, argAdd } = arithmetic;
  const last = index === plan.kpuMaps.length - 2;
  return {
    kind: 'convolution',
    flags: last ? TO_MAIN_MEMORY : 0,
    mainOut: last ? plan.mainBuffers[0].address + byteOffset : 0,
    registers: {
      depthwise: kind === 'depthwise',
      sourceLine: plan.kpuMaps[index].line,
      destinationLine: plan.kpuMaps[index + 1].line + lineOffset,
      inputChannels: input.channels,
      outputChannels: output.channels,
      inputHeight: input.height,
      inputWidth: input.width,
      outputHeight: output.height,
      outputWidth: output.width,
      kernel,
      poolType: subsample ? SUBSAMPLE : 0,
      padValue,
      argX,
      shiftX,
      argW,
      shiftW,
      argAdd,
    },
    weights: weights.slice(first * weightsPerChannel, (first + count) * weightsPerChannel),
    batchNorm: batchNorm.slice(first, first + count),
    activation,
  };
}

/** Flags as the reference compiler sets them; the runtime looks at them in convolutions only. */
function cpuLayers({ layers, tail }: Program, { mainBuffers }: MemoryPlan): KModelLayer[] {
  const map = layers[layers.length - 1].output;
  const [bytes, floats, ...results] = mainBuffers.map(({ address }) => address);
  const dequantize: KModelLayer = {
    kind: 'dequantize',
    flags: TO_MAIN_MEMORY,
    input: bytes,
    output: floats,
    count: sizeOf(map),
    scale: Math.fround(map.scale),
    bias: Math.fround(-map.zeroPoint * map.scale + 0),
  };
  let channels = map.channels;
  const rest = tail.map((node, index) => {
    const place = { input: index === 0 ? floats : results[index - 1], output: results[index] };
    const layer = tailLayer(node, place, channels, map.height * map.width);
    if (node.kind === 'dense') channels = node.units;
    return layer;
  });
  return [dequantize, ...rest];
}

function tailLayer(
  node: CpuNode,
  place: { readonly input: number; readonly output: number },
  channels: number,
  area: number,
): KModelLayer {
  switch (node.kind) {
    case 'globalAveragePool':
      return { kind: 'globalAveragePool', flags: TO_MAIN_MEMORY, ...place, kernelSize: area, channels };
    case 'dense':
      return {
        kind: 'fullyConnected',
        flags: 0,
        ...place,
        inputChannels: node.inputs,
        outputChannels: node.units,
        activation: FULLY_CONNECTED_ACTIVATION[node.activation],
        weights: node.weights,
        bias: node.bias,
      };
    case 'softmax':
    case 'logistic':
      return { kind: node.kind, flags: TO_MAIN_MEMORY, ...place, channels };
    default:
      return unreachable(node);
  }
}

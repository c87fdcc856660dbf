import type { ConvolutionLayer } from '@graft/kmodel';
import { TO_MAIN_MEMORY } from '@graft/kmodel';

import type { KpuLayer } from './kpu-program';
import type { KpuMap } from './memory-plan';
import type { KpuRun } from './split-channels';
import { runsOf } from './split-channels';

/** Left-top pixel of each 2×2. */
const SUBSAMPLE = 5;

interface Place {
  readonly source: KpuMap;
  readonly destination: KpuMap;
  /** Where the result goes in main memory as well, if it does. */
  readonly mainOut: number | undefined;
}

/** A chain: layer i reads map i and writes map i + 1; the last one also sends its result to main memory. */
export function emitConvolutions(
  layers: readonly KpuLayer[],
  maps: readonly KpuMap[],
  mainOut: number,
): ConvolutionLayer[] {
  return layers.flatMap((layer, index) => {
    const last = index === layers.length - 1;
    const place = { source: maps[index], destination: maps[index + 1], mainOut: last ? mainOut : undefined };
    return runsOf(layer).map((run) => convolutionLayer(layer, run, place));
  });
}

function convolutionLayer(layer: KpuLayer, run: KpuRun, { source, destination, mainOut }: Place): ConvolutionLayer {
  const { kind, kernel, input, output, subsample, lineOffset, byteOffset } = run;
  const { weights, arithmetic } = layer;
  const { first, count } = run.channels;
  const weightsPerChannel = weights.length / layer.output.channels;
  if (arithmetic === undefined) throw new Error(`internal: layer "${layer.name}" has no arithmetic`);
  const { batchNorm, activation, padValue, argX, shiftX, argW, shiftW, argAdd } = arithmetic;
  return {
    kind: 'convolution',
    flags: mainOut === undefined ? 0 : TO_MAIN_MEMORY,
    mainOut: mainOut === undefined ? 0 : mainOut + byteOffset,
    registers: {
      depthwise: kind === 'depthwise',
      sourceLine: source.line,
      destinationLine: destination.line + lineOffset,
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

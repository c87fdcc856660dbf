import type { GraftError } from '@graft/foundation';
import { KPU, mapLines } from '@graft/k210';
import type { MapShape } from '@graft/tensor';

import { STREAMED_PIXELS, badMapSize, mapTooLargeToStream, oddMapSize, tooManyChannels, tooMuchKpuRam } from './errors';
import type { KpuGeometry } from './kpu-program';

const SMALLEST: MapShape = { channels: 1, height: KPU.minHeight, width: KPU.minWidth };
const LARGEST: MapShape = { channels: KPU.maxChannels, height: KPU.maxHeight, width: KPU.maxWidth };

/** How 8-bit weights reach the KPU's weight buffer in one run. */
export interface WeightLoading {
  readonly loads: number;
  /** Output channels that one run can make from these inputs: 64 loads, 1024 channels; a multiple of 64, or 0. */
  readonly mostOutputs: number;
}

export function weightLoading({ kind, kernel, input, output }: KpuGeometry): WeightLoading {
  if (kind === 'depthwise') return { loads: 1, mostOutputs: KPU.maxChannels };
  const perLoad = Math.floor(KPU.loadBytes8 / (input.channels * kernel ** 2));
  return {
    loads: perLoad === 0 ? Number.POSITIVE_INFINITY : Math.ceil(output.channels / perLoad),
    mostOutputs: Math.min(KPU.maxChannels, KPU.maxLoads * perLoad),
  };
}

export function linesOf({ channels, height, width }: MapShape): number {
  return mapLines(channels, height, width);
}

/** Everything about a layer that the KPU cannot do, wide layers being split; empty for a layer that it can run. */
export function limitViolations(layer: KpuGeometry): GraftError[] {
  const { name, input, output, subsample } = layer;
  const violations: GraftError[] = [];
  const given = layer.parts === undefined ? [output.channels] : layer.parts.map(({ count }) => count);
  const addressed = (count: number) => count >= 1 && count <= KPU.maxChannels;
  if (!addressed(input.channels)) return [tooManyChannels(name, 'takes', input.channels)];
  if (!given.every(addressed)) return [tooManyChannels(name, 'gives', output.channels)];
  if (!within(input)) violations.push(badMapSize(name, 'takes', input, SMALLEST, LARGEST));
  else if (!within(output)) violations.push(badMapSize(name, 'gives', output, SMALLEST, LARGEST));
  if (subsample && (input.height % 2 !== 0 || input.width % 2 !== 0)) violations.push(oddMapSize(name, input));
  const inputLines = linesOf(input);
  const outputLines = linesOf(output);
  if (inputLines + outputLines > KPU.lines) violations.push(tooMuchKpuRam(name, inputLines, outputLines));
  return violations;
}

/** The last layer's result goes to main memory. */
export function streamViolations(layers: readonly KpuGeometry[]): GraftError[] {
  const last = layers[layers.length - 1];
  const tooLarge = last.output.height * last.output.width > STREAMED_PIXELS;
  return tooLarge ? [mapTooLargeToStream(last.name, last.output)] : [];
}

function within({ height, width }: MapShape): boolean {
  return height >= KPU.minHeight && height <= KPU.maxHeight && width >= KPU.minWidth && width <= KPU.maxWidth;
}

import { rowLayout } from '@graft/k210';

import { linesOf, weightLoading } from './kpu-limits';
import type { ChannelRange, KpuGeometry } from './kpu-program';

/** One run of the KPU: a layer, or the part of it that makes some of its output channels. */
export interface KpuRun extends KpuGeometry {
  /** Of the layer's output. The run's own `output` has only these. */
  readonly channels: ChannelRange;
  /** Lines between the start of the layer's output and that of the run. */
  readonly lineOffset: number;
  /** Where a run that sends its result to main memory writes, counted from the start of the layer's bytes there. */
  readonly byteOffset: number;
}

/**
 * Gives each layer that has more output channels than one run can make (1024, and 64 loads of weights) the fewest parts
 * that can. Exact: an output channel depends on the whole input and on its own weights, and on no other output channel.
 */
export function splitWideLayers<Layer extends KpuGeometry>(layers: readonly Layer[]): Layer[] {
  return layers.map((layer) => {
    // A multiple of 64 in every case: so a part's channels fill whole lines, of which up to 4 channels share one, and
    // whole units of 8 bytes, of which up to 8 channels share one. A depthwise run takes all its weights at once (1024
    // channels have 9 KiB), and its input channels are as many as the KPU can address.
    const most = layer.kind === 'depthwise' ? layer.output.channels : weightLoading(layer).mostOutputs;
    return most === 0 || layer.output.channels <= most ? layer : { ...layer, parts: partsOf(layer, most) };
  });
}

function partsOf({ output }: KpuGeometry, most: number): ChannelRange[] {
  return Array.from({ length: Math.ceil(output.channels / most) }, (_, index) => ({
    first: index * most,
    count: Math.min(most, output.channels - index * most),
  }));
}

/** What the KPU does for a layer, one after the other: each run reads the whole input. */
export function runsOf(layer: KpuGeometry): KpuRun[] {
  const { name, kind, kernel, input, output, subsample } = layer;
  const parts = layer.parts ?? [{ first: 0, count: output.channels }];
  return parts.map((channels, index) => ({
    name: parts.length === 1 ? name : `${name} (part ${index + 1} of ${parts.length})`,
    kind,
    kernel,
    input,
    output: { channels: channels.count, height: output.height, width: output.width },
    subsample,
    channels,
    lineOffset: channels.first === 0 ? 0 : linesOf({ ...output, channels: channels.first }),
    byteOffset: channels.first * output.height * output.width,
  }));
}

/** Whether the parts follow each other through all channels, each but the last in whole lines and units of 8 bytes. */
export function partsAreExact({ parts, output }: KpuGeometry): boolean {
  if (parts === undefined) return true;
  const { groups } = rowLayout(output.width);
  let next = 0;
  for (const { first, count } of parts) {
    if (first !== next || count < 1 || first % groups !== 0 || (first * output.height * output.width) % 8 !== 0)
      return false;
    next += count;
  }
  return next === output.channels;
}

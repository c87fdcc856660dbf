import { KPU } from '@graft/k210';
import type { QuantizedConvolution } from '@graft/quantization';
import type { MapShape } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import type { KpuGeometry, KpuLayer } from './kpu-program';
import type { TailStep } from './plan-memory';

/** The smallest map that the KPU takes. The vector's values are the left-top pixels; nobody reads the other ones. */
export function paddedMap(channels: number): MapShape {
  return { channels, height: KPU.minHeight, width: KPU.minWidth };
}

/** A dense layer as a 1×1 convolution of the smallest map. */
export function denseKpuLayer({ stride: _, ...layer }: QuantizedConvolution): KpuLayer {
  const { input, output } = layer;
  return {
    ...layer,
    input: { ...input, ...paddedMap(input.channels) },
    output: { ...output, ...paddedMap(output.channels) },
    subsample: false,
  };
}

/** What the CPU does around a run of such layers, by name. */
export function namesAround(layers: readonly { readonly name: string }[]) {
  const [first, last] = [layers[0].name, layers[layers.length - 1].name];
  return {
    quantize: `${first}_quantize`,
    addPadding: `${first}_add_padding`,
    removePadding: `${last}_remove_padding`,
    dequantize: `${last}_dequantize`,
  };
}

/** What a run leaves in both memories, step by step: bytes and their floats in main memory, maps in KPU RAM. */
export function denseSteps(layers: readonly KpuGeometry[]): TailStep[] {
  const names = namesAround(layers);
  const [first, last] = [layers[0], layers[layers.length - 1]];
  const units = last.output.channels;
  return [
    { name: names.quantize, bytes: first.input.channels },
    { name: names.addPadding, bytes: 0, kpuMap: first.input },
    ...layers.map((layer) => ({
      name: layer.name,
      // The last one sends its maps.
      bytes: layer === last ? sizeOf(last.output) : 0,
      kpuMap: layer.output,
    })),
    { name: names.removePadding, bytes: units },
    { name: names.dequantize, bytes: 4 * units },
  ];
}

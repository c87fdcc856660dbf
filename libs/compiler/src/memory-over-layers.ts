import { KPU } from '@graft/k210';

import type { Compilation } from './compile';

/** Something in one of the two memories, from the layer that writes it to the last one that reads it. */
export interface PlacedBlock {
  readonly name: string;
  /** First line of KPU RAM, or first byte of main memory. */
  readonly start: number;
  /** Lines or bytes. */
  readonly size: number;
  /** Indices of layers. */
  readonly firstLayer: number;
  readonly lastLayer: number;
}

/** The memory plan along one axis of layers, in the order in which they run, as plain data that JSON can hold. */
export interface MemoryOverLayers {
  readonly layers: readonly string[];
  readonly kpuLines: number;
  readonly lineBytes: number;
  /** Feature maps, the picture first. */
  readonly kpuMaps: readonly PlacedBlock[];
  readonly mainBytes: number;
  readonly mainBuffers: readonly PlacedBlock[];
}

export function memoryOverLayers({ plan, layers }: Pick<Compilation, 'plan' | 'layers'>): MemoryOverLayers {
  // Map 0 is the picture. The last convolution is the first step.
  const lastConvolution = plan.kpuMaps.length - 2;
  const names = [...layers.slice(0, lastConvolution).map(({ name }) => name), ...plan.steps];
  const last = names.length - 1;
  const spanOf = ({ firstStep, lastStep }: { readonly firstStep: number; readonly lastStep: number }) => ({
    firstLayer: lastConvolution + firstStep,
    lastLayer: Math.min(lastConvolution + lastStep, last),
  });
  const maps = plan.kpuMaps.map(({ name, line, lines }, index) => ({
    name,
    start: line,
    size: lines,
    firstLayer: Math.max(0, index - 1),
    lastLayer: Math.min(index, lastConvolution),
  }));
  const denseMaps = plan.denseMaps.map((map) => ({
    name: map.name,
    start: map.line,
    size: map.lines,
    ...spanOf(map),
  }));
  return {
    layers: names,
    kpuLines: KPU.lines,
    lineBytes: KPU.lineBytes,
    kpuMaps: [...maps, ...denseMaps],
    mainBytes: plan.mainBytes,
    mainBuffers: plan.mainBuffers.map((buffer) => ({
      name: buffer.name,
      start: buffer.address,
      size: buffer.bytes,
      ...spanOf(buffer),
    })),
  };
}

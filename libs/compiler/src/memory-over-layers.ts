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

/** The memory plan along one axis of layers, the KPU's first, as plain data that JSON can hold. */
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
  // The first buffer holds what the KPU sends; each further one is a layer of the processor.
  const processor = plan.mainBuffers.slice(1).map(({ name }) => name);
  const names = [...layers.map(({ name }) => name), ...processor];
  const lastOfKpu = layers.length - 1;
  const last = names.length - 1;
  return {
    layers: names,
    kpuLines: KPU.lines,
    lineBytes: KPU.lineBytes,
    kpuMaps: plan.kpuMaps.map(({ name, line, lines }, index) => ({
      name,
      start: line,
      size: lines,
      firstLayer: Math.max(0, index - 1),
      lastLayer: Math.min(index, lastOfKpu),
    })),
    mainBytes: plan.mainBytes,
    mainBuffers: plan.mainBuffers.map(({ name, address, bytes, firstStep, lastStep }) => ({
      name,
      start: address,
      size: bytes,
      firstLayer: lastOfKpu + firstStep,
      lastLayer: Math.min(lastOfKpu + lastStep, last),
    })),
  };
}

import type { MapShape } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import { linesOf } from './kpu-limits';
import type { KpuMap, MemoryPlan } from './memory-plan';
import { placeChain } from './place-chain';
import type { MainValue } from './plan-main-memory';
import { aligned, endOf, planMainMemory } from './plan-main-memory';

const FLOAT_BYTES = 4;

/** A CPU step of the tail: its name and how many float32 values it gives. */
export interface TailStep {
  readonly name: string;
  readonly values: number;
}

/** Maps of KPU RAM, the picture first, and the steps of the tail. */
export function planMemory(
  maps: readonly (MapShape & { readonly name: string })[],
  tail: readonly TailStep[],
): MemoryPlan {
  const kpuMaps = planKpuRam(maps);
  const last = maps[maps.length - 1];
  const mainBuffers = planMainMemory(mainValues(last, tail));
  return {
    kpuMaps,
    kpuPeakLines: peak(kpuMaps),
    mainBuffers,
    mainBytes: endOf(mainBuffers),
  };
}

function planKpuRam(maps: readonly (MapShape & { readonly name: string })[]): KpuMap[] {
  const lines = maps.map(linesOf);
  const starts = placeChain(lines);
  return maps.map(({ name }, index) => ({ name, line: starts[index], lines: lines[index] }));
}

function peak(maps: readonly KpuMap[]): number {
  return maps.slice(1).reduce((most, { lines }, index) => Math.max(most, maps[index].lines + lines), 0);
}

function mainValues(map: MapShape & { readonly name: string }, tail: readonly TailStep[]): MainValue[] {
  const floats: TailStep[] = [{ name: `${map.name} (real values)`, values: sizeOf(map) }, ...tail];
  return [
    // The chip sends its result in units of 8 bytes.
    { name: map.name, bytes: aligned(sizeOf(map)), firstStep: 0, lastStep: 1 },
    ...floats.map(({ name, values }, index) => ({
      name,
      bytes: values * FLOAT_BYTES,
      firstStep: index + 1,
      lastStep: index === floats.length - 1 ? Number.POSITIVE_INFINITY : index + 2,
    })),
  ];
}

import { KPU } from '@graft/k210';
import type { MapShape } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import { linesOf } from './kpu-limits';
import type { KpuMap, MainBuffer, MemoryPlan } from './memory-plan';

const FLOAT_BYTES = 4;
const ALIGNMENT = 8;

/** A value in main memory before it has an address. */
export type MainValue = Omit<MainBuffer, 'address'>;

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
    mainBytes: mainBuffers.reduce((end, { address, bytes }) => Math.max(end, aligned(address + bytes)), 0),
  };
}

/** Even maps at the start, odd ones at the end: a chain then needs no more than its largest pair of neighbours. */
function planKpuRam(maps: readonly (MapShape & { readonly name: string })[]): KpuMap[] {
  return maps.map((map, index) => {
    const lines = linesOf(map);
    return { name: map.name, line: index % 2 === 0 ? 0 : KPU.lines - lines, lines };
  });
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

/** First fit in the given order: the lowest address, a multiple of 8, free during all of a value's life. */
export function planMainMemory(values: readonly MainValue[]): MainBuffer[] {
  const placed: MainBuffer[] = [];
  for (const value of values) {
    const neighbours = placed
      .filter((other) => other.firstStep <= value.lastStep && value.firstStep <= other.lastStep)
      .sort((a, b) => a.address - b.address);
    let address = 0;
    for (const other of neighbours) {
      if (other.address >= address + value.bytes) break;
      address = Math.max(address, aligned(other.address + other.bytes));
    }
    placed.push({ ...value, address });
  }
  return placed;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

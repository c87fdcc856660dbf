import type { MapShape } from '@graft/tensor';
import { sizeOf } from '@graft/tensor';

import { linesOf } from './kpu-limits';
import type { KpuMap, LaterMap, MemoryPlan } from './memory-plan';
import { placeChain } from './place-chain';
import type { MainValue } from './plan-main-memory';
import { aligned, endOf, planMainMemory } from './plan-main-memory';

const FLOAT_BYTES = 4;

/** A step of the tail, and what it leaves behind. */
export interface TailStep {
  readonly name: string;
  /** In main memory; 0: nothing. */
  readonly bytes: number;
  /** How many steps before this one those are whose values in main memory it reads; default: 1, the one before it. */
  readonly reads?: readonly number[];
  /** In KPU RAM. Steps that have one follow each other: each reads the map of the one before. */
  readonly kpuMap?: MapShape;
}

type NamedMap = MapShape & { readonly name: string };

/** Maps of KPU RAM, the picture first, and the steps of the tail. */
export function planMemory(maps: readonly NamedMap[], tail: readonly TailStep[]): MemoryPlan {
  const kpuMaps = planKpuRam(maps);
  const last = maps[maps.length - 1];
  const steps: TailStep[] = [
    { name: last.name, bytes: sizeOf(last) },
    { name: `${last.name} (real values)`, bytes: FLOAT_BYTES * sizeOf(last) },
    ...tail,
  ];
  const denseMaps = planLaterMaps(steps);
  const mainBuffers = planMainMemory(mainValues(steps));
  return {
    kpuMaps,
    denseMaps,
    kpuPeakLines: Math.max(peak(kpuMaps), peak(denseMaps)),
    steps: steps.map(({ name }) => name),
    mainBuffers,
    mainBytes: endOf(mainBuffers),
  };
}

function planKpuRam(maps: readonly NamedMap[]): KpuMap[] {
  const lines = maps.map(linesOf);
  const starts = placeChain(lines);
  return maps.map(({ name }, index) => ({ name, line: starts[index], lines: lines[index] }));
}

function planLaterMaps(steps: readonly TailStep[]): LaterMap[] {
  const placed = steps.flatMap(({ name, kpuMap }, step) => (kpuMap === undefined ? [] : [{ ...kpuMap, name, step }]));
  return planKpuRam(placed).map((map, index) => {
    const { step } = placed[index];
    return { ...map, firstStep: step, lastStep: index === placed.length - 1 ? step : step + 1 };
  });
}

function peak(maps: readonly KpuMap[]): number {
  return maps.slice(1).reduce((most, { lines }, index) => Math.max(most, maps[index].lines + lines), 0);
}

function mainValues(steps: readonly TailStep[]): MainValue[] {
  return steps.flatMap(({ name, bytes, kpuMap }, step) => {
    if (bytes === 0) return [];
    // The chip sends its result in units of 8 bytes.
    const sent = step === 0 || kpuMap !== undefined;
    const lastStep = step === steps.length - 1 ? Number.POSITIVE_INFINITY : lastReading(steps, step);
    return [{ name, bytes: sent ? aligned(bytes) : bytes, firstStep: step, lastStep }];
  });
}

function lastReading(steps: readonly TailStep[], step: number): number {
  return steps.reduce((last, { reads = [1] }, reader) => (reads.includes(reader - step) ? reader : last), step);
}

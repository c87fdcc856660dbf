import { KPU } from '@graft/k210';

/**
 * First lines of the maps of a chain, each of which is needed while the next one is written: even maps at the start of
 * KPU RAM, odd ones at its end. Two neighbours then overlap only where they are larger than all of it together, so this
 * is a placement whenever there is one. Runs of a split layer write parts of one map and change nothing here.
 */
export function placeChain(lines: readonly number[], total: number = KPU.lines): number[] {
  return lines.map((count, index) => (index % 2 === 0 ? 0 : total - count));
}

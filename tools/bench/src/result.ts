import { alignedTable } from '@graft/foundation';
import type { Timing } from './measure';

/** One line of the table. */
export interface Result {
  readonly what: string;
  readonly ours: Timing;
  /** How many of `unit` one run works through. */
  readonly amount: number;
  readonly unit: Unit;
  /** The same work done in another way, in the same process; null where nothing installed does it. */
  readonly peer: { readonly name: string; readonly timing: Timing } | null;
}

/** Shown as time for one, or as how many a second. */
export type Unit = 'ms/network' | 'ms/picture' | 'pictures/s' | 'MB/s';

/** Time in ms for one of the unit, or units a second. */
export function figureOf(ms: number, { amount, unit }: Pick<Result, 'amount' | 'unit'>): number {
  return unit.startsWith('ms/') ? ms / amount : (amount / ms) * 1000;
}

const HEAD = ['what', 'median', 'spread', 'unit', 'runs', 'peer', 'peer median', 'peer spread', 'faster'];

/** A table for a terminal: median and spread (least to most), of the peer as well, and how many times faster ours is. */
export function renderTable(results: readonly Result[]): string {
  return alignedTable([HEAD, ...results.map(cellsOf)]);
}

function cellsOf(result: Result): string[] {
  const { what, ours, unit, peer } = result;
  const other = peer === null ? ['-', '', '', ''] : [peer.name, ...shown(peer.timing, result), timesFaster(result)];
  return [what, ...shown(ours, result), unit, `${ours.runs}`, ...other];
}

function shown({ median, fastest, slowest }: Timing, result: Result): [median: string, spread: string] {
  const ends = [fastest, slowest].map((ms) => figureOf(ms, result)).sort((a, b) => a - b);
  return [digits(figureOf(median, result)), ends.map(digits).join(' … ')];
}

function timesFaster({ ours, peer }: Result): string {
  return peer === null ? '' : `${digits(peer.timing.median / ours.median)}×`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

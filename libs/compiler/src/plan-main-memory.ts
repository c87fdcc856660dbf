import type { MainBuffer } from './memory-plan';

const ALIGNMENT = 8;

/** A value in main memory before it has an address. */
export type MainValue = Omit<MainBuffer, 'address'>;

/**
 * Addresses, multiples of 8, such that values which are needed at the same time lie apart. Of three placements the one
 * that ends first, the earlier one where they end alike: first fit in the given order, first fit with the largest value
 * first, and both ends of the least memory in turn, which is the best one for a chain.
 */
export function planMainMemory(values: readonly MainValue[]): MainBuffer[] {
  const bySize = [...values].sort((a, b) => b.bytes - a.bytes);
  const candidates = [firstFit(values, values), firstFit(values, bySize), bothEnds(values)].filter(standsApart);
  return candidates.reduce((best, other) => (endOf(other) < endOf(best) ? other : best));
}

/** Multiple of 8. */
export function endOf(buffers: readonly MainBuffer[]): number {
  return buffers.reduce((end, { address, bytes }) => Math.max(end, aligned(address + bytes)), 0);
}

/** What no placement can do without: the bytes, in units of 8, that are needed at the same time. */
export function mostAtOnce(values: readonly MainValue[]): number {
  const at = (step: number) =>
    values.reduce(
      (sum, value) => sum + (value.firstStep <= step && step <= value.lastStep ? aligned(value.bytes) : 0),
      0,
    );
  return values.reduce((most, { firstStep }) => Math.max(most, at(firstStep)), 0);
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Value after value in `order`: the lowest address that is free during all of its life. */
function firstFit(values: readonly MainValue[], order: readonly MainValue[]): MainBuffer[] {
  const placed = new Map<MainValue, MainBuffer>();
  for (const value of order) {
    const neighbours = [...placed.values()]
      .filter((other) => together(other, value))
      .sort((a, b) => a.address - b.address);
    let address = 0;
    for (const other of neighbours) {
      if (other.address >= address + value.bytes) break;
      address = Math.max(address, aligned(other.address + other.bytes));
    }
    placed.set(value, { ...value, address });
  }
  return values.flatMap((value) => placed.get(value) ?? []);
}

function bothEnds(values: readonly MainValue[]): MainBuffer[] {
  const end = mostAtOnce(values);
  return values.map((value, index) => ({ ...value, address: index % 2 === 0 ? 0 : end - aligned(value.bytes) }));
}

function standsApart(buffers: readonly MainBuffer[]): boolean {
  return buffers.every((buffer, index) =>
    buffers.slice(0, index).every((other) => !together(buffer, other) || !overlapping(buffer, other)),
  );
}

function together(a: MainValue, b: MainValue): boolean {
  return a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
}

function overlapping(a: MainBuffer, b: MainBuffer): boolean {
  return a.address < aligned(b.address + b.bytes) && b.address < aligned(a.address + a.bytes);
}

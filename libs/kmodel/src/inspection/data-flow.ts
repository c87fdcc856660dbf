import type { KModelLayer } from '../kmodel';
import { trafficOf } from './traffic';
import type { Place, Port } from './traffic';

/** Something that was written once; numbers count from 0 in the order of writing. */
export type ValueId = number;

/** A tensor that a layer reads, and what it consists of. */
export interface Read extends Port {
  /** One value; several where runs of the KPU wrote parts of a map side by side; none where nothing fits. */
  readonly values: readonly ValueId[];
}

export interface Write extends Port {
  readonly value: ValueId;
}

export interface LayerFlow {
  readonly reads: readonly Read[];
  readonly writes: readonly Write[];
}

export interface DataFlow {
  readonly layers: readonly LayerFlow[];
  /** The layer that wrote a value; -1: the input of the model. By value. */
  readonly writers: readonly number[];
}

/** Stands for the model's input among the layers that write. */
export const INPUT = -1;

/** Follows which value each layer reads: what was written there last and still stands. */
export function followData(layers: readonly KModelLayer[]): DataFlow {
  const writers: number[] = [];
  const standing = { kpu: new Standing(), main: new Standing() };
  const write = (port: Port, layer: number): Write => {
    const value = writers.push(layer) - 1;
    standing[port.place.memory].put(port, value);
    return { ...port, value };
  };
  const read = (port: Port): Read => ({ ...port, values: standing[port.place.memory].find(port) });
  const flows = layers.map((layer, index): LayerFlow => {
    const { reads, writes } = trafficOf(layer);
    if (index === 0) reads.forEach((port) => write(port, INPUT));
    return { reads: reads.map(read), writes: writes.map((port) => write(port, index)) };
  });
  return { layers: flows, writers };
}

interface Stored {
  readonly port: Port;
  readonly value: ValueId;
}

/** Beyond, the oldest is forgotten, so that a file of nothing but tiny layers costs no more than its size. */
const MOST_STANDING = 512;

/** What stands in one of the two memories. */
class Standing {
  private readonly stored = new Map<number, Stored>();

  put(port: Port, value: ValueId): void {
    const [from, to] = extentOf(port.place);
    if (from === to) return;
    for (const [start, { port: other }] of this.stored) {
      if (start < to && from < extentOf(other.place)[1]) this.stored.delete(start);
    }
    this.stored.set(from, { port, value });
    for (const start of this.stored.keys()) {
      if (this.stored.size <= MOST_STANDING) break;
      this.stored.delete(start);
    }
  }

  /** One value of just this extent, or several that fill it without a gap. */
  find(port: Port): ValueId[] {
    const [from, to] = extentOf(port.place);
    const values: ValueId[] = [];
    for (let at = from; at < to;) {
      const found = this.stored.get(at);
      if (found === undefined || found.port.content !== port.content) return [];
      values.push(found.value);
      at = extentOf(found.port.place)[1];
      if (at > to) return [];
    }
    return values;
  }
}

/** First line or byte, and the one behind the last. */
function extentOf(place: Place): [from: number, to: number] {
  return place.memory === 'kpu'
    ? [place.firstLine, place.firstLine + place.lines]
    : [place.address, place.address + place.bytes];
}

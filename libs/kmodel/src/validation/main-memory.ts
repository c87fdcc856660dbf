import { alignUp, type Findings } from './finding';
import type { Effects, MainUse } from './effects';

/** A result is made by a few runs of the KPU; more is nobody's intention. */
const MOST_PARTS = 64;

/**
 * Follows what lies in main memory, layer by layer. Results stand at multiples of 8 and are written in units of 8, so
 * a result overwrites everything up to the next multiple of 8.
 */
export class MainMemory {
  /** By address; no two of them overlap. */
  private readonly results = new Map<number, MainUse>();
  private highest = 0;

  constructor(
    private readonly findings: Findings,
    private readonly bytes: number,
  ) {}

  /** Something that stands there before the first layer: the model's input. */
  place(input: MainUse): void {
    this.checkRange(input);
    this.results.set(input.address, input);
  }

  apply({ reads, writes, inPlace }: Effects): void {
    for (const read of reads) this.read(read);
    for (const write of writes) {
      this.checkRange(write);
      for (const read of reads) {
        const same = inPlace && read.address === write.address && read.bytes === write.bytes;
        if (!same && overlaps(read, write)) {
          this.findings.error('main-overlap', write.offset, `${place(write)} is written while ${place(read)} is read`);
        }
      }
      for (const result of this.results.values()) {
        if (overlaps(result, write)) this.results.delete(result.address);
      }
      this.results.set(write.address, write);
    }
  }

  /** The application reads the outputs after the last layer. */
  read(read: MainUse): void {
    this.checkRange(read);
    const found = this.resultOf(read);
    if (found === undefined) {
      this.findings.error('main-chain', read.offset, `nothing that still stands was written at ${read.address}`);
    } else if (found.bytes !== read.bytes || found.content !== read.content) {
      const [there, wanted] = [found, read].map((one) => `${one.bytes} bytes of ${one.content}`);
      this.findings.error('main-chain', read.offset, `at ${read.address} lie ${there}, not ${wanted}`);
    }
  }

  /** What was written at an address: one result, or several that lie next to each other like parts of one. */
  private resultOf(read: MainUse): MainUse | undefined {
    let found = this.results.get(read.address);
    for (let parts = 1; found !== undefined && found.bytes < read.bytes && parts < MOST_PARTS; parts++) {
      const next = this.results.get(found.address + found.bytes);
      if (next?.content !== found.content) break;
      found = { ...found, bytes: found.bytes + next.bytes };
    }
    return found;
  }

  checkUsage(offset: number): void {
    if (this.bytes % 8 !== 0) {
      this.findings.error('main-usage', offset, `main_mem_usage ${this.bytes} is no multiple of 8`);
    }
    if (this.highest < this.bytes) {
      const text = `main_mem_usage is ${this.bytes}, but only ${this.highest} bytes are used`;
      this.findings.warning('main-usage-slack', offset, text);
    }
  }

  private checkRange(use: MainUse): void {
    const end = alignUp(use.address + use.bytes, 8);
    this.highest = Math.max(this.highest, end);
    if (use.address % 8 !== 0) {
      this.findings.error('main-alignment', use.offset, `main address ${use.address} is no multiple of 8`);
    }
    if (end > this.bytes) {
      this.findings.error('main-range', use.offset, `${place(use)} leaves the ${this.bytes} bytes of main memory`);
    }
  }
}

function overlaps(a: MainUse, b: MainUse): boolean {
  return a.address < alignUp(b.address + b.bytes, 8) && b.address < alignUp(a.address + a.bytes, 8);
}

function place({ address, bytes }: MainUse): string {
  return `${address} … ${address + bytes}`;
}

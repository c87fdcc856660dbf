import type { Findings } from './finding';
import { linesOf, rowsOf, type Effects, type KpuUse } from './effects';

const LINES = 32768;
/** A layer of 1024 channels is made by a few runs; more is nobody's intention. */
const MOST_PARTS = 64;

/** Follows which feature maps lie in KPU RAM, layer by layer. */
export class KpuRam {
  private maps: KpuUse[] = [];
  private lowest = LINES;

  constructor(private readonly findings: Findings) {}

  /** The picture, which the run-time puts there before the first layer. */
  place(map: KpuUse): void {
    this.maps.push(map);
  }

  apply({ kpuRead, kpuWrite }: Effects): void {
    if (kpuRead !== null) this.read(kpuRead);
    if (kpuWrite === null) return;
    this.checkRange(kpuWrite);
    if (kpuRead !== null && overlaps(kpuRead, kpuWrite)) {
      this.findings.error(
        'kpu-overlap',
        kpuWrite.offset,
        `source ${place(kpuRead)} and destination ${place(kpuWrite)} overlap`,
      );
    }
    this.maps = this.maps.filter((map) => !overlaps(map, kpuWrite));
    this.maps.push(kpuWrite);
  }

  checkLowestLine(offset: number, stated: number): void {
    this.findings.expect('max-start', offset, 'max_start_address', stated, this.lowest);
  }

  private read(read: KpuUse): void {
    this.checkRange(read);
    const found = this.mapOf(read);
    if (found === undefined) {
      this.findings.error('kpu-chain', read.offset, `no map that still stands was written at line ${read.line}`);
    } else if (shape(found) !== shape(read)) {
      this.findings.error('kpu-chain', read.offset, `at line ${read.line} lies ${shape(found)}, not ${shape(read)}`);
    }
  }

  /** What was written at a line: one map, or several that lie next to each other like parts of one. */
  private mapOf(read: KpuUse): KpuUse | undefined {
    const mapAt = (line: number) => this.maps.find((map) => map.line === line);
    let found = mapAt(read.line);
    for (let parts = 1; found !== undefined && parts < MOST_PARTS; parts++) {
      const whole = found.channels % rowsOf(found.width).groups === 0;
      const next = whole && found.channels < read.channels ? mapAt(found.line + linesOf(found)) : undefined;
      if (next?.height !== found.height || next.width !== found.width) break;
      found = { ...found, channels: found.channels + next.channels };
    }
    return found;
  }

  private checkRange(map: KpuUse): void {
    this.lowest = Math.min(this.lowest, map.line);
    if (map.line + linesOf(map) > LINES) {
      this.findings.error('kpu-range', map.offset, `lines ${place(map)} leave the ${LINES} lines of KPU RAM`);
    }
  }
}

function overlaps(a: KpuUse, b: KpuUse): boolean {
  return a.line < b.line + linesOf(b) && b.line < a.line + linesOf(a);
}

function place(map: KpuUse): string {
  return `${map.line} … ${map.line + linesOf(map)}`;
}

function shape({ channels, height, width }: KpuUse): string {
  return `${channels}×${height}×${width}`;
}

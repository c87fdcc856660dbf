import { KPU, mapLines, rowLayout } from '@graft/k210';
import type { MapShape } from '@graft/tensor';

import { misaligned, outsideMainMemory } from './errors';

/** The block of ordinary memory that all CPU layers share. Every access is checked; views, not copies. */
export class MainMemory {
  private readonly buffer: ArrayBuffer;

  constructor(size: number) {
    this.buffer = new ArrayBuffer(size);
  }

  bytes(where: string, address: number, count: number): Uint8Array {
    this.check(where, address, count);
    return new Uint8Array(this.buffer, address, count);
  }

  floats(where: string, address: number, count: number): Float32Array {
    this.check(where, address, 4 * count);
    if (address % 4 !== 0) throw misaligned(where, address);
    return new Float32Array(this.buffer, address, count);
  }

  private check(where: string, address: number, bytes: number): void {
    const size = this.buffer.byteLength;
    if (address + bytes > size) throw outsideMainMemory(where, address, bytes, size);
  }
}

/** The feature-map memory. Maps lie in it in lines of 64 bytes, several channels to a line where rows are short. */
export class KpuRam {
  private readonly memory = new Uint8Array(KPU.lines * KPU.lineBytes);

  /** Dense (channel, row, column) → memory. The caller has checked that the map fits. */
  store(line: number, shape: MapShape, dense: Uint8Array): void {
    const { width } = shape;
    let from = 0;
    forEachRow(line, shape, (at) => {
      for (let x = 0; x < width; x++) this.memory[at + x] = dense[from + x];
      from += width;
    });
  }

  /** Memory → dense (channel, row, column). */
  load(line: number, shape: MapShape): Uint8Array {
    const { channels, height, width } = shape;
    const dense = new Uint8Array(channels * height * width);
    let to = 0;
    forEachRow(line, shape, (at) => {
      for (let x = 0; x < width; x++) dense[to + x] = this.memory[at + x];
      to += width;
    });
    return dense;
  }

  /** One byte as the left-top pixel of each channel; the other pixels stay what they were. */
  storePixels(line: number, shape: MapShape, pixels: Uint8Array): void {
    let row = 0;
    forEachRow(line, shape, (at) => {
      if (row % shape.height === 0) this.memory[at] = pixels[row / shape.height];
      row++;
    });
  }
}

/** Calls with the byte address of each row, channel by channel. */
function forEachRow(line: number, { channels, height, width }: MapShape, visit: (address: number) => void): void {
  const { groups, rowLines, pitch } = rowLayout(width);
  const rowBytes = rowLines * KPU.lineBytes;
  for (let channel = 0; channel < channels; channel++) {
    const start = line * KPU.lineBytes + Math.floor(channel / groups) * height * rowBytes + (channel % groups) * pitch;
    for (let row = 0; row < height; row++) visit(start + row * rowBytes);
  }
}

export function linesOf({ channels, height, width }: MapShape): number {
  return mapLines(channels, height, width);
}

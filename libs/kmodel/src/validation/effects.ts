/** A stretch of main memory that a layer reads or writes. */
export interface MainUse {
  /** File offset of the field that holds the address. */
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
  readonly content: 'bytes' | 'floats';
}

/** A feature map in KPU RAM. */
export interface KpuUse {
  /** File offset of the field that holds the line. */
  readonly offset: number;
  readonly line: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** What one layer does to the two memories: it reads everything, then writes. */
export interface Effects {
  readonly reads: readonly MainUse[];
  readonly writes: readonly MainUse[];
  readonly kpuRead: KpuUse | null;
  readonly kpuWrite: KpuUse | null;
  /** Element by element, so that the result may replace the input. */
  readonly inPlace: boolean;
}

export const NO_EFFECTS: Effects = { reads: [], writes: [], kpuRead: null, kpuWrite: null, inPlace: false };

/** How rows and channels share the 64-byte lines. Stated here anew, so that a mistake elsewhere shows. */
export function rowsOf(width: number): { readonly groups: number; readonly rowLines: number } {
  if (width <= 16) return { groups: 4, rowLines: 1 };
  return width <= 32 ? { groups: 2, rowLines: 1 } : { groups: 1, rowLines: Math.ceil(width / 64) };
}

export function linesOf({ channels, height, width }: KpuUse): number {
  const { groups, rowLines } = rowsOf(width);
  return rowLines * height * Math.ceil(channels / groups);
}

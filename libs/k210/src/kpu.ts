/** Facts of the KPU, the convolution engine of the Kendryte K210. */
export const KPU = {
  /** Feature-map memory: lines of 64 bytes. */
  lineBytes: 64,
  lines: 32768,
  maxChannels: 1024,
  minWidth: 4,
  maxWidth: 512,
  minHeight: 4,
  maxHeight: 256,
  /** Weight buffer for one load. */
  loadBytes8: 30 * 1024,
  loadBytes16: 60 * 1024,
  maxLoads: 64,
  activationSegments: 16,
} as const;

/** How rows and channels share the 64-byte lines of KPU RAM, by feature-map width. */
export interface RowLayout {
  /** Channels that share one line. */
  readonly groups: 1 | 2 | 4;
  /** Lines that one row takes. */
  readonly rowLines: number;
  /** Bytes between two channels inside a line; 0 where a line holds one channel only. */
  readonly pitch: 0 | 16 | 32;
}

export function rowLayout(width: number): RowLayout {
  if (width <= 16) return { groups: 4, rowLines: 1, pitch: 16 };
  if (width <= 32) return { groups: 2, rowLines: 1, pitch: 32 };
  return { groups: 1, rowLines: Math.ceil(width / 64), pitch: 0 };
}

/** Lines of KPU RAM that a feature map takes. */
export function mapLines(channels: number, height: number, width: number): number {
  const { groups, rowLines } = rowLayout(width);
  return rowLines * height * Math.ceil(channels / groups);
}

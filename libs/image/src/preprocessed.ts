import type { PreprocessSection } from '@graft/spec';

/** What decides the prepared bytes. Normalization is not among it: the bytes stay 0 … 255 until the network reads them. */
export type PixelSection = Omit<PreprocessSection, 'normalize'>;

/**
 * One example after preprocessing. `index.json` lists them, sorted by `id`; `pixels.bin` holds, in the same order,
 * height · width · 3 bytes each (row, column, RGB). An example with transparency also has a cut-out in `cutouts.bin`:
 * height · width · 4 bytes (RGBA, not premultiplied), trimmed to its opaque part, at most image_size on a side.
 */
export interface ExampleRecord {
  /** `<sha256 of the file>` or `<sha256>#<frame>`. */
  readonly id: string;
  /** Where the picture came from, for reports. */
  readonly path: string;
  /** Class key. */
  readonly label: string;
  readonly split: 'train' | 'validation' | 'test';
  /** Examples of one group are on one side. */
  readonly group: string;
  readonly cutout: { readonly offset: number; readonly height: number; readonly width: number } | null;
}

export interface ExampleIndex {
  readonly version: 1;
  readonly height: number;
  readonly width: number;
  readonly examples: readonly ExampleRecord[];
}

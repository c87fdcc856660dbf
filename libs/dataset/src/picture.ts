/** The formats that are recognised by their first bytes. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'svg' | 'bmp' | 'avif' | 'tiff';

/** One line of the lock and of the fetched list. */
export interface PictureRecord {
  /** Unique: `<source index>/<path inside the source>`, forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly format: PictureFormat;
  /** Class key; {@link NO_CLASS} of a source with `use: unknown`. */
  readonly label: string;
  /** For people: `npm:pokesprite-images@2.7.0`, `directory:./images`. */
  readonly source: string;
  readonly license: string | null;
  /** Whom to credit. */
  readonly attribution: string | null;
  /** As its list says, for `split.group_by: column`. */
  readonly group: string | null;
}

export type SplitPart = 'train' | 'validation' | 'test';

/** What the lock records of a content beside what `fetch` sees: what its pixels say, and where the split has put it. */
export interface PictureFacts {
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** 16 hexadecimal digits, in few bits of which pictures differ that look alike. */
  readonly perceptualHash: string;
  /** Null where the checks leave it out. */
  readonly split: SplitPart | null;
  /** Name of its group, where look-alikes are kept on one side; null where they are not. */
  readonly lookAlikes: string | null;
}

/** A content and what the lock says of its place. */
export interface RecordedContent extends Pick<PictureFacts, 'split' | 'lookAlikes'> {
  readonly sha256: string;
}

/** A file that was asked for and is no picture. */
export interface RefusedFile {
  /** For people: `images/pikachu/12.jpg`. */
  readonly path: string;
  /** A predicate: "is empty". */
  readonly reason: string;
  /** Class key it would have had; null for a folder that cannot be listed. */
  readonly label: string | null;
}

/** What the fetch stage hands on: records sorted by path; the bytes lie in `files/<sha256>.<format>` beside the list. */
export interface PictureList {
  readonly version: 1;
  readonly pictures: readonly PictureRecord[];
  /** Of the pictures that the lock knows with these bytes, each content once, sorted. */
  readonly recorded: readonly RecordedContent[];
  /** Not among the pictures. What follows from them is decided where pictures are checked. */
  readonly refused: readonly RefusedFile[];
}

/** A file of an export. */
export interface ExportedFile {
  /** Below the folder of the export, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

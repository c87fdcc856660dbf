import type { Diagnostic, Report } from '@graft/foundation';
import type { NpmAccess } from './npm-package';
import type { ClassFolders } from './paths';
import type { PictureFormat } from './picture';
import type { ContentStore } from './store';

/** A picture as its source gives it; the bytes lie in the store. */
export interface SourceFile {
  /** Inside the source, forward slashes. */
  readonly path: string;
  /** Class key. */
  readonly label: string;
  readonly sha256: string;
  readonly size: number;
  readonly format: PictureFormat;
}

/** A file that was asked for and cannot be a picture of the dataset. */
export interface Refused {
  /** For people. */
  readonly path: string;
  /** A predicate: "is empty". */
  readonly reason: string;
  /** Class key it would have had; null for a folder that cannot be listed. */
  readonly label: string | null;
}

export interface SourceResult {
  readonly files: readonly SourceFile[];
  readonly notPictures: readonly Refused[];
  readonly tooLarge: readonly Refused[];
  readonly diagnostics: readonly Diagnostic[];
  /** Network only; 0 when everything was at hand. */
  readonly downloadedBytes: number;
}

export interface SourceContext {
  readonly classes: readonly ClassFolders[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly maxFileBytes: number;
  /** What relative paths of the spec start from. */
  readonly baseDirectory: string;
  readonly store: ContentStore;
  readonly npm: NpmAccess;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** One kind of source. A new kind is a function of this type and a line in the table of `fetch-pictures.ts`. */
export interface Source<Spec> {
  /** As it stands in records: `directory:./images`. */
  name(spec: Spec): string;
  read(spec: Spec, context: SourceContext): Promise<SourceResult>;
}

import type { Diagnostic, Report } from '@graft/foundation';
import type { TransferOptions } from './download';
import type { NpmAccess } from './npm-package';
import type { ClassFolders } from './paths';
import type { PictureFormat, RefusedFile } from './picture';
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
  /** Of this picture alone; null: as the source says. */
  readonly license: string | null;
  readonly attribution: string | null;
  /** What stays on one side of the split with it; null: nothing is said. */
  readonly group: string | null;
}

/** For sources that say nothing of a single picture. */
export const NO_REMARKS = { license: null, attribution: null, group: null } as const;

/** A picture that its server no longer has, in a source that may go on without it. */
export interface SkippedFile {
  /** Inside the source, forward slashes. */
  readonly path: string;
  readonly label: string;
  /** Of the picture that was wanted. */
  readonly sha256: string;
}

export interface SourceResult {
  readonly files: readonly SourceFile[];
  readonly notPictures: readonly RefusedFile[];
  readonly tooLarge: readonly RefusedFile[];
  readonly skipped: readonly SkippedFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Network only; 0 when everything was at hand. */
  readonly downloadedBytes: number;
}

/** How addresses are downloaded from. */
export type HttpAccess = Pick<TransferOptions, 'mirrors' | 'workspaceRoot' | 'times' | 'retries' | 'pauses'>;

export interface SourceContext {
  readonly classes: readonly ClassFolders[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly maxFileBytes: number;
  /** What relative paths of the spec start from. */
  readonly baseDirectory: string;
  readonly store: ContentStore;
  readonly npm: NpmAccess;
  readonly http: HttpAccess;
  /** Whether the lock says that the source went on without this picture. */
  readonly isSkipped: (file: SkippedFile) => boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** One kind of source. A new kind is a function of this type and a line in `sources.ts`. */
export interface Source<Spec> {
  /** As it stands in records: `directory:./images`. */
  name(spec: Spec): string;
  read(spec: Spec, context: SourceContext): Promise<SourceResult>;
}

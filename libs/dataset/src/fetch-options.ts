import type { Report } from '@graft/foundation';
import type { SourceSpec } from '@graft/spec';
import type { Pauses } from './download';
import type { LockOptions } from './lock-mode';
import type { Mirrors } from './mirrors';
import type { ClassFolders } from './paths';
import type { TimeLimits } from './watchdog';

export interface FetchPicturesOptions {
  readonly sources: readonly SourceSpec[];
  readonly classes: readonly ClassFolders[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly limits: { readonly maxPerClass: number | null; readonly maxFileBytes: number };
  /** The experiment's project, for hints. */
  readonly projectName: string;
  /** The experiment's folder: relative paths of sources start here. */
  readonly baseDirectory: string;
  /** Content-addressed, shared by all experiments. Tarballs are kept beside it, in `npm-cache`. */
  readonly storeDirectory: string;
  readonly outDirectory: string;
  /** Receives a list of its own for the pictures of sources with `use: unknown`, which are of no class. */
  readonly unknownDirectory: string;
  readonly lock: LockOptions;
  /** Take what is there now, whatever the lock says. */
  readonly update?: boolean;
  /** Default: the environment variable npm_config_registry, else the public registry. */
  readonly registry?: string;
  /** Where addresses are really read from. Default: nowhere else. */
  readonly mirrors?: Mirrors;
  /** Mirror folders start here. Default: `baseDirectory`. */
  readonly workspaceRoot?: string;
  readonly times?: TimeLimits;
  /** How often a broken download is tried again. Default: 2. */
  readonly retries?: number;
  /** Before a download is tried again. */
  readonly pauses?: Pauses;
  readonly report?: Report;
  readonly signal?: AbortSignal;
}

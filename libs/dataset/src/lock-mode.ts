import { DiagnosticsError } from '@graft/foundation';
import { EMPTY_LOCK, parseLock } from './lock';
import type { Lock, LockNames } from './lock';

export interface LockOptions {
  /** auto: checked where there is one; required: there must be one; none: never looked at. */
  readonly mode: 'auto' | 'required' | 'none';
  /** Content of the lock file; null: there is none. */
  readonly text: string | null;
  /** For messages. */
  readonly path: string;
}

/**
 * The lock as the run starts from it. Where the lock is being renewed, or never looked at, a lock that cannot be read
 * stands in nobody's way.
 */
export function openLock(options: LockOptions, names: LockNames, update: boolean): Lock {
  if (options.text === null || options.text.trim() === '') return EMPTY_LOCK;
  const parsed = parseLock(options.text, names);
  if (parsed.ok) return parsed.value;
  if (update || options.mode === 'none') return EMPTY_LOCK;
  throw new DiagnosticsError(parsed.diagnostics);
}

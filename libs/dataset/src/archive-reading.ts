import { posix } from 'node:path';
import type { GraftError } from '@graft/foundation';
import { mebibytes } from './errors';

export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Unpacked. */
  readonly maxTotalBytes: number;
  /** One wanted file; larger ones are listed and not read. */
  readonly maxFileBytes: number;
  /** Unpacked bytes for each packed one, once more than `ratioFromBytes` are unpacked. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
}

/** The errors in which the reading of an archive may end; they name the archive. */
export interface ArchiveProblems {
  /** It holds what no archive of pictures holds. */
  readonly refused: (reason: string) => GraftError;
  readonly tooLarge: (reason: string) => GraftError;
  readonly damaged: (reason: string, cause?: unknown) => GraftError;
}

export interface ArchiveReading {
  readonly limits: ArchiveLimits;
  readonly problems: ArchiveProblems;
  /** Number of leading folders that are dropped from every path; a shorter path is passed over. */
  readonly strip: number;
  /** Whether links that stay inside are passed over (and told), and a name that comes twice ends the reading. */
  readonly kind: 'package' | 'archive';
  /** Decides by the path that is left. */
  readonly wants: (path: string) => boolean;
  readonly onFile: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly onTooLarge: (path: string, size: number) => void;
  /** A wanted link that stays inside. */
  readonly onLink: (path: string) => void;
  /** Bytes read or unpacked so far. */
  readonly onProgress: (bytes: number) => void;
}

export interface ArchiveEntry {
  /** As it stands in the archive. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symbolic link' | 'hard link' | 'other';
  /** For messages: "FIFO". */
  readonly typeName: string;
  /** Where a link leads; null where that is not known. */
  readonly target: string | null;
  readonly size: number;
}

/**
 * Every entry of an archive passes here. Nothing of an archive becomes a path on the disk; a name that tries to be one
 * elsewhere shows that the archive is not what it should be, and ends the reading, whether anybody wants that file or not.
 */
export class EntryGate {
  private entries = 0;
  private readonly names = new Set<string>();
  private readonly taken = new Set<string>();

  constructor(private readonly reading: ArchiveReading) {}

  /** The path under which the entry is read; null for one that is not read. */
  admit(entry: ArchiveEntry): string | null {
    const { limits, problems, strip, wants, onTooLarge, onLink, kind } = this.reading;
    this.entries += 1;
    if (this.entries > limits.maxEntries) throw problems.tooLarge(`more than ${limits.maxEntries} entries`);
    const full = this.inside(entry.path);
    if (entry.type === 'directory') return null;
    const path = full.slice(strip).join('/');
    if (entry.type !== 'file') {
      this.judgeSpecial(entry);
      if (path !== '' && wants(path)) onLink(path);
      return null;
    }
    if (kind === 'archive') this.refuseTwice(this.names, full.join('/'), entry.path);
    if (path === '' || !wants(path)) return null;
    if (kind === 'archive') this.refuseTwice(this.taken, path, entry.path);
    if (entry.size <= limits.maxFileBytes) return path;
    onTooLarge(path, entry.size);
    return null;
  }

  /** @param packed bytes of the archive that these came from */
  weigh(unpacked: number, packed: number): void {
    const { limits, problems } = this.reading;
    if (unpacked > limits.maxTotalBytes) {
      throw problems.tooLarge(`it unpacks to more than ${mebibytes(limits.maxTotalBytes)}`);
    }
    if (unpacked > limits.ratioFromBytes && unpacked > packed * limits.maxRatio) {
      const sizes = `${mebibytes(packed)} unpack to more than ${mebibytes(unpacked)}`;
      throw problems.tooLarge(`${sizes}, over ${limits.maxRatio} times as much`);
    }
  }

  private inside(path: string): string[] {
    const segments = path.split('/');
    if (path.startsWith('/') || UNUSABLE.test(path) || segments.includes('..')) {
      throw this.reading.problems.refused(`${JSON.stringify(path)} is not a path inside`);
    }
    return segments.filter((segment) => segment !== '' && segment !== '.');
  }

  private judgeSpecial({ path, type, typeName, target }: ArchiveEntry): void {
    const { kind, problems } = this.reading;
    const shown = JSON.stringify(path);
    if (kind === 'package' || type === 'other' || target === null) {
      throw problems.refused(`${shown} is a ${typeName}, not a plain file`);
    }
    // A hard link counts from the top of the archive, a symbolic one from the folder it lies in.
    const from = type === 'hard link' ? '' : posix.dirname(path);
    const end = posix.join(from, target);
    if (target.startsWith('/') || UNUSABLE.test(target) || end === '..' || end.startsWith('../')) {
      throw problems.refused(`${shown} is a link that leads out, to ${JSON.stringify(target)}`);
    }
  }

  private refuseTwice(seen: Set<string>, name: string, path: string): void {
    if (seen.has(name)) throw this.reading.problems.refused(`${JSON.stringify(path)} is there twice`);
    seen.add(name);
  }
}

/** Backslashes, control characters, drive letters. */

const UNUSABLE = /[\\\u0000-\u001f]|^[a-z]:/i;

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256, writeFileAtomic } from '@graft/foundation';
import { cannotWrite } from './errors';
import { compareText } from './paths';
import type { ContentStore } from './store';

export interface SelectedFile {
  /** Inside the package or archive. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** What was taken out of a package or an archive; the bytes lie in the store. Everything is sorted by path. */
export interface Selection {
  readonly files: readonly SelectedFile[];
  /** Wanted, but larger than allowed. */
  readonly tooLarge: readonly { readonly path: string; readonly size: number }[];
  /** Wanted, but links, which are not followed. */
  readonly links: readonly string[];
}

/** Gathers a selection while an archive is read. */
export class SelectionBuilder {
  private readonly files = new Map<string, SelectedFile>();
  private readonly tooLarge: { path: string; size: number }[] = [];
  private readonly links: string[] = [];

  constructor(private readonly store: ContentStore) {}

  readonly onFile = async (path: string, bytes: Uint8Array): Promise<void> => {
    this.files.set(path, { path, sha256: await this.store.put(bytes), size: bytes.length });
  };

  readonly onTooLarge = (path: string, size: number): void => void this.tooLarge.push({ path, size });

  readonly onLink = (path: string): void => void this.links.push(path);

  finish(): Selection {
    const byPath = (a: { path: string }, b: { path: string }) => compareText(a.path, b.path);
    return {
      files: [...this.files.values()].sort(byPath),
      tooLarge: [...this.tooLarge].sort(byPath),
      links: [...this.links].sort(compareText),
    };
  }
}

/** Remembers selections beside the store, so that the same question again opens no archive. */
export class SelectionMemory {
  private readonly path: string;

  /** @param key plain data that decides what is selected: the digest of the archive, globs, limits */
  constructor(
    key: unknown,
    private readonly store: ContentStore,
  ) {
    this.path = join(store.directory, 'selections', `${sha256(canonicalJson(key))}.json`);
  }

  /** What an earlier run selected, if every byte of it is still there and right. */
  async recall(): Promise<Selection | null> {
    const text = await readFile(this.path, 'utf8').catch(() => null);
    const memory = text === null ? null : parseMemory(text);
    for (const { sha256: digest } of memory?.files ?? []) {
      if ((await this.store.read(digest)) === null) return null;
    }
    return memory;
  }

  /** @param source for people who look into the folder */
  async remember({ files, tooLarge, links }: Selection, source: string): Promise<void> {
    await writeFileAtomic(this.path, canonicalJson({ source, files, tooLarge, links })).catch((error: unknown) => {
      throw cannotWrite(this.path, error);
    });
  }
}

function parseMemory(text: string): Selection | null {
  try {
    const memory: unknown = JSON.parse(text);
    if (typeof memory !== 'object' || memory === null) return null;
    if (!('files' in memory) || !('tooLarge' in memory) || !('links' in memory)) return null;
    const { files, tooLarge, links } = memory;
    if (!Array.isArray(files) || !Array.isArray(tooLarge) || !Array.isArray(links)) return null;
    const isWhole = files.every(isFile) && tooLarge.every(isSized) && links.every((link) => typeof link === 'string');
    return isWhole ? { files, tooLarge, links } : null;
  } catch {
    return null; // a half-written or foreign file counts as none
  }
}

function isSized(value: unknown): value is { path: string; size: number } {
  if (typeof value !== 'object' || value === null || !('path' in value) || !('size' in value)) return false;
  return typeof value.path === 'string' && typeof value.size === 'number';
}

function isFile(value: unknown): value is SelectedFile {
  return isSized(value) && 'sha256' in value && typeof value.sha256 === 'string' && /^[0-9a-f]{64}$/.test(value.sha256);
}

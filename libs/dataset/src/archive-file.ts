import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sha256, sha256File } from '@graft/foundation';
import type { ArchiveSource } from '@graft/spec';
import { digestDiffers, SOURCE_DOWNLOAD, sourceFileMissing } from './errors';
import { downloadInto } from './download';
import { FilePartial } from './partial-file';
import type { SourceContext } from './source';

export interface ArchiveFile {
  readonly path: string;
  readonly networkBytes: number;
}

/** Of one archive as it is packed. */
const MAX_ARCHIVE_BYTES = 16 * 1024 ** 3;

/** The digest of an archive, before anything is downloaded: that of the file on the disk, or what the spec says. */
export async function archiveDigest(spec: ArchiveSource, context: SourceContext): Promise<string> {
  if (spec.path === null) return spec.sha256 ?? '';
  const path = resolve(context.baseDirectory, spec.path);
  const found = await sha256File(path).catch((error: unknown) => {
    throw sourceFileMissing(spec.path ?? '', error);
  });
  if (spec.sha256 !== null && found !== spec.sha256) throw digestDiffers(spec.path, spec.sha256, found);
  return found;
}

/** Brings the archive to the disk: it stays in the store under its digest, for other globs. */
export async function openArchive(spec: ArchiveSource, digest: string, context: SourceContext): Promise<ArchiveFile> {
  if (spec.url === null) return { path: resolve(context.baseDirectory, spec.path ?? ''), networkBytes: 0 };
  const kept = await context.store.fileOf(digest);
  if (kept !== null) return { path: kept, networkBytes: 0 };
  const partial = await FilePartial.claim(join(context.store.directory, 'partial'), sha256(`${spec.url}\n${digest}`));
  try {
    const networkBytes = await fetchWhole(partial, { url: spec.url, digest, allowPrivate: spec.allowPrivate }, context);
    await partial.close();
    const path = await context.store.adopt(partial.path, digest);
    await partial.remove();
    return { path, networkBytes };
  } catch (error) {
    await partial.release();
    throw error;
  }
}

interface Wanted {
  readonly url: string;
  readonly digest: string;
  readonly allowPrivate: boolean;
}

async function fetchWhole(partial: FilePartial, wanted: Wanted, context: SourceContext): Promise<number> {
  const resumed = partial.size > 0;
  const moved = await fetchOnce(partial, wanted, context);
  const found = await sha256File(partial.path);
  if (found === wanted.digest) return moved;
  await partial.begin(null);
  if (!resumed) throw digestDiffers(wanted.url, wanted.digest, found);
  // The beginning, from an earlier run, may be what is wrong: a file of another day, or spoilt.
  return moved + (await fetchWhole(partial, wanted, context));
}

function fetchOnce(partial: FilePartial, wanted: Wanted, context: SourceContext): Promise<number> {
  const task = `fetching ${wanted.url}`;
  return downloadInto(partial, wanted.url, {
    ...context.http,
    problems: SOURCE_DOWNLOAD,
    maxBytes: MAX_ARCHIVE_BYTES,
    allowPrivateAddresses: wanted.allowPrivate,
    plainHttp: true,
    signal: context.signal,
    onBytes: (_, total) => context.report({ type: 'progress', task, done: partial.size, total, unit: 'byte' }),
  });
}

export type ArchiveFormat = 'zip' | 'tar' | 'gzip' | 'xz';

/** Tells an archive's format from its first bytes; null for what is none. */
export async function sniffArchive(path: string): Promise<ArchiveFormat | null> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(512);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const text = head.toString('latin1', 0, bytesRead);
    return SIGNATURES.find(({ at, bytes }) => text.startsWith(bytes, at))?.format ?? null;
  } finally {
    await file.close();
  }
}

/** Local file header, end of an empty central directory; RFC 1952; xz file format 2.1.1.1; POSIX ustar and GNU tar. */
const SIGNATURES: readonly { readonly format: ArchiveFormat; readonly at: number; readonly bytes: string }[] = [
  { format: 'zip', at: 0, bytes: 'PK\u0003\u0004' },
  { format: 'zip', at: 0, bytes: 'PK\u0005\u0006' },
  { format: 'gzip', at: 0, bytes: '\u001f\u008b' },
  { format: 'xz', at: 0, bytes: '\u00fd7zXZ\u0000' },
  { format: 'tar', at: 257, bytes: 'ustar' },
];

import { randomBytes } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256, sha256File } from '@graft/foundation';
import { cannotWrite } from './errors';

/** Half an object that was not touched for so long belongs to nobody. */
const ABANDONED_MS = 3_600_000;

/**
 * Files by the SHA-256 of their content: `<directory>/objects/<first two digits>/<digest>`. An object is checked
 * whenever it is read; one that does not fit its name is removed and counts as missing.
 */
export class ContentStore {
  constructor(readonly directory: string) {}

  /** Where an object lies or would lie. */
  pathOf(digest: string): string {
    return join(this.directory, 'objects', digest.slice(0, 2), digest);
  }

  /** Keeps the bytes and gives their digest. */
  async put(bytes: Uint8Array): Promise<string> {
    const digest = sha256(bytes);
    const path = this.pathOf(digest);
    const kept = await readFile(path).catch(() => null);
    if (kept === null || !kept.equals(bytes)) await this.write(path, bytes);
    return digest;
  }

  /** The bytes, checked; null when they are not here. */
  async read(digest: string): Promise<Uint8Array | null> {
    const path = this.pathOf(digest);
    const bytes = await readFile(path).catch(() => null);
    if (bytes === null) return null;
    if (sha256(bytes) === digest) return bytes;
    await rm(path, { force: true });
    return null;
  }

  /** Where an object lies, checked without holding it in memory; null when it is not here. */
  async fileOf(digest: string): Promise<string | null> {
    const path = this.pathOf(digest);
    const found = await sha256File(path).catch(() => null);
    if (found === digest) return path;
    if (found !== null) await rm(path, { force: true });
    return null;
  }

  /** Moves a file of the store's own disk in; its digest is the caller's word. Gives its new place. */
  async adopt(file: string, digest: string): Promise<string> {
    const path = this.pathOf(digest);
    try {
      await mkdir(dirname(path), { recursive: true });
      await chmod(file, 0o444);
      await rename(file, path);
      return path;
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Gives an object another name: a hard link where the file system can, else a copy. */
  async linkTo(digest: string, target: string): Promise<void> {
    const path = this.pathOf(digest);
    try {
      const isLinked = await link(path, target).then(
        () => true,
        () => false,
      );
      if (isLinked) return;
      await mkdir(dirname(target), { recursive: true });
      await rm(target, { force: true });
      // Other disk, no links on this file system, too many links: a copy serves as well.
      await link(path, target).catch(() => copyFile(path, target));
    } catch (error) {
      throw cannotWrite(target, error);
    }
  }

  /**
   * Removes what runs that were killed left half written. A file that another run is writing now is younger than an hour,
   * since each is written in one go; what goes away meanwhile was another sweep's.
   */
  async sweep(nowMs: number): Promise<void> {
    for (const folder of ['objects', 'selections']) {
      const entries = await readdir(join(this.directory, folder), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      for (const entry of entries) {
        if (!entry.isFile() || !entry.name.endsWith('.tmp')) continue;
        const path = join(entry.parentPath, entry.name);
        const written = await stat(path).catch(() => null);
        if (written === null || nowMs - written.mtimeMs < ABANDONED_MS) continue;
        await rm(path, { force: true }).catch(() => undefined);
      }
    }
  }

  // No fsync, unlike an output: an object that a power cut spoilt is found out when it is read. Read-only, because
  // links share the bytes and an edit of one name would spoil them all.
  private async write(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(temporary, bytes, { flag: 'wx' });
      await chmod(temporary, 0o444);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw cannotWrite(path, error);
    }
  }
}

import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from '@graft/foundation';
import { cannotWrite } from './errors';
import type { Partial } from './partial';

/**
 * What is there of a large download, kept over runs: `<folder>/<key>/` with the bytes and the validator. Whoever works
 * on it renames the folder to `<key>.<process>`, so that two processes never write into one; what a killed process left
 * is taken over.
 */
export class FilePartial implements Partial {
  private handle: FileHandle | null = null;

  private constructor(
    private readonly home: string,
    private readonly folder: string,
    public size: number,
    public validator: string | null,
  ) {}

  /** Continues what an earlier run began under this key, or begins. */
  static async claim(folder: string, key: string): Promise<FilePartial> {
    const own = join(folder, `${key}.${process.pid}`);
    try {
      await mkdir(folder, { recursive: true });
      for (const left of await leftBehind(folder, key)) {
        // Somebody else may be faster; then there is nothing to take over.
        if (left === own || (await renamed(left, own))) break;
      }
      await mkdir(own, { recursive: true });
      const { size } = await stat(join(own, 'bytes')).catch(() => ({ size: 0 }));
      const validator = await readFile(join(own, 'validator'), 'utf8').catch(() => null);
      return new FilePartial(join(folder, key), own, size, validator);
    } catch (error) {
      throw cannotWrite(own, error);
    }
  }

  get path(): string {
    return join(this.folder, 'bytes');
  }

  begin(validator: string | null): Promise<void> {
    return this.writing(async () => {
      const known = join(this.folder, 'validator');
      await rm(known, { force: true });
      await (await this.opened()).truncate(0);
      this.size = 0;
      this.validator = validator;
      if (validator !== null) await writeFile(known, validator);
    });
  }

  append(chunk: Uint8Array): Promise<void> {
    return this.writing(async () => {
      const handle = await this.opened();
      for (let written = 0; written < chunk.length;) {
        const { bytesWritten } = await handle.write(chunk, written);
        written += bytesWritten;
        this.size += bytesWritten;
      }
    });
  }

  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = null;
  }

  /** Leaves what is there to a later run. */
  async release(): Promise<void> {
    await this.close();
    if (!(await renamed(this.folder, this.home))) await this.remove();
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  // Appends wherever the file ends, so that a shortened file cannot be left with a hole.
  private async opened(): Promise<FileHandle> {
    this.handle ??= await open(this.path, 'a');
    return this.handle;
  }

  private async writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }
}

async function leftBehind(folder: string, key: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => {
    if (name === key) return true;
    const [, process_] = name.startsWith(`${key}.`) ? (/\.(\d+)$/.exec(name) ?? []) : [];
    return process_ !== undefined && !isOther(Number(process_));
  });
  return names.map((name) => join(folder, name));
}

const isOther = (pid: number): boolean => pid !== process.pid && isRunning(pid);

async function renamed(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}

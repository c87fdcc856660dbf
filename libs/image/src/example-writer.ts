import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreparedExample } from './prepare';
import type { ExampleIndex, ExampleRecord } from './preprocessed';
import type { Size } from './resize';

export const INDEX_FILE = 'index.json';
export const PIXELS_FILE = 'pixels.bin';
export const CUTOUTS_FILE = 'cutouts.bin';

export type Place = Omit<ExampleRecord, 'cutout'>;

/** Appends examples to files beside the final ones; `finish` puts them in place, the index last. */
export class ExampleWriter {
  private readonly records: ExampleRecord[] = [];
  private cutoutBytes = 0;

  private constructor(
    private readonly directory: string,
    private readonly suffix: string,
    private readonly pixels: FileHandle,
    private readonly cutouts: FileHandle,
  ) {}

  static async open(directory: string): Promise<ExampleWriter> {
    await mkdir(directory, { recursive: true });
    await removeRemains(directory);
    const suffix = `.${randomBytes(6).toString('hex')}.tmp`;
    const pixels = await open(join(directory, PIXELS_FILE + suffix), 'wx');
    const cutouts = await open(join(directory, CUTOUTS_FILE + suffix), 'wx');
    return new ExampleWriter(directory, suffix, pixels, cutouts);
  }

  /** Examples are given in ascending order of their ids. */
  async append(place: Place, example: PreparedExample): Promise<void> {
    const { cutout } = example;
    await writeAll(this.pixels, example.pixels);
    if (cutout === null) {
      this.records.push({ ...place, cutout: null });
      return;
    }
    await writeAll(this.cutouts, cutout.rgba);
    const { height, width } = cutout;
    this.records.push({ ...place, cutout: { offset: this.cutoutBytes, height, width } });
    this.cutoutBytes += cutout.rgba.length;
  }

  async finish(size: Size): Promise<ExampleIndex> {
    await this.pixels.sync();
    await this.cutouts.sync();
    await this.close();
    // Without an index the folder counts as unfinished: old pixels and new ones never stand under one index.
    await rm(join(this.directory, INDEX_FILE), { force: true });
    for (const name of [PIXELS_FILE, CUTOUTS_FILE]) {
      await rename(join(this.directory, name + this.suffix), join(this.directory, name));
    }
    const index: ExampleIndex = { version: 1, height: size.height, width: size.width, examples: this.records };
    await writeFileAtomic(join(this.directory, INDEX_FILE), canonicalJson(index));
    return index;
  }

  /** Leaves the folder as it was. */
  async discard(): Promise<void> {
    await this.close();
    for (const name of [PIXELS_FILE, CUTOUTS_FILE]) await rm(join(this.directory, name + this.suffix), { force: true });
  }

  private async close(): Promise<void> {
    await this.pixels.close();
    await this.cutouts.close();
  }
}

const REMAINS = /^\.?(pixels\.bin|cutouts\.bin|index\.json)\.[0-9a-f]{12}\.tmp$/;

/** What a run that was killed left behind. */
async function removeRemains(directory: string): Promise<void> {
  const names = await readdir(directory);
  await Promise.all(
    names.filter((name) => REMAINS.test(name)).map((name) => rm(join(directory, name), { force: true })),
  );
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
}

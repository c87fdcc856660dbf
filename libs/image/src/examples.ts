import { closeSync, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { badIndex, wrongSize } from './errors';
import { CUTOUTS_FILE, INDEX_FILE, PIXELS_FILE } from './example-writer';
import { parseIndex } from './index-file';
import type { ExampleIndex } from './preprocessed';
import type { Cutout } from './raster';

/** Preprocessed examples on disk. Numbers `i` are places in `index.examples`. */
export interface Examples {
  readonly index: ExampleIndex;
  /** A copy: height · width · 3 bytes (row, column, RGB). */
  pixels(i: number): Uint8Array;
  /** A copy; null for a picture without transparency. */
  cutout(i: number): Cutout | null;
  /** Gives the files back; nothing can be read afterwards. */
  close(): void;
}

/**
 * Opens what preprocessPictures wrote. Pixels are read when they are asked for, so that the data set may be larger than
 * the memory.
 *
 * @throws GraftError E254 (no index, or none that is understood), E255 (a file of the wrong size)
 */
export async function openExamples(directory: string): Promise<Examples> {
  const file = join(directory, INDEX_FILE);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw badIndex(file, 'it cannot be read', error);
  });
  const index = parseIndex(text, file);
  const pixelBytes = index.height * index.width * 3;
  await checkSize(join(directory, PIXELS_FILE), index.examples.length * pixelBytes);
  await checkSize(join(directory, CUTOUTS_FILE), cutoutBytes(index));
  return new OpenExamples(
    index,
    pixelBytes,
    openSync(join(directory, PIXELS_FILE), 'r'),
    openSync(join(directory, CUTOUTS_FILE), 'r'),
  );
}

class OpenExamples implements Examples {
  constructor(
    readonly index: ExampleIndex,
    private readonly pixelBytes: number,
    private readonly pixelFile: number,
    private readonly cutoutFile: number,
  ) {}

  pixels(i: number): Uint8Array {
    this.record(i);
    return readAt(this.pixelFile, i * this.pixelBytes, this.pixelBytes);
  }

  cutout(i: number): Cutout | null {
    const { cutout } = this.record(i);
    if (cutout === null) return null;
    const { height, width, offset } = cutout;
    return { height, width, rgba: readAt(this.cutoutFile, offset, height * width * 4) };
  }

  close(): void {
    closeSync(this.pixelFile);
    closeSync(this.cutoutFile);
  }

  private record(i: number) {
    const record = this.index.examples[i];
    if (record === undefined) throw new Error(`internal: there is no example ${i} of ${this.index.examples.length}`);
    return record;
  }
}

function readAt(file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, length - done, offset + done);
    if (read === 0) throw new Error('internal: a file of examples became shorter while it was open');
    done += read;
  }
  return bytes;
}

async function checkSize(file: string, expected: number): Promise<void> {
  const actual = await stat(file).then(
    (found) => found.size,
    () => null,
  );
  if (actual !== expected) throw wrongSize(file, expected, actual);
}

function cutoutBytes(index: ExampleIndex): number {
  return index.examples.reduce((sum, { cutout }) => sum + (cutout === null ? 0 : cutout.height * cutout.width * 4), 0);
}

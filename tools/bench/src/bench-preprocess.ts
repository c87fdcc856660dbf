import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PictureRecord } from '@graft/dataset';
import { Random, sha256, silent } from '@graft/foundation';
import { drawBackground, preprocessPictures } from '@graft/image';
import sharp from 'sharp';
import { measure } from './measure';
import type { Runs } from './measure';
import type { Result } from './result';

export interface PreprocessBench {
  readonly pictures: number;
  /** Of the files. */
  readonly height: number;
  readonly width: number;
  /** Rows and columns of what comes out. */
  readonly side: number;
}

export const PHOTOGRAPHS: PreprocessBench = { pictures: 48, height: 768, width: 1024, side: 224 };

/**
 * JPEG files decoded, cropped and resized, with an empty cache; beside it sharp alone, as many files at a time. Sharp
 * alone shrinks while it decodes; ours decodes to the last pixel, checks digest and transparency, and fills a cache.
 */
export async function benchPreprocess(bench: PreprocessBench, runs: Runs): Promise<Result> {
  const { side, pictures } = bench;
  const folder = await mkdtemp(join(tmpdir(), 'graft-bench-'));
  try {
    const files = join(folder, 'files');
    await drawPictures(bench, files);
    const records = await recordsIn(files);
    const results = join(folder, 'results');
    const clear = (): Promise<void> => rm(results, { recursive: true, force: true });
    const ours = await measure(runs, () => preprocessFiles(records, files, results, side), clear);
    const timing = await measure(runs, () => bare(records, files, side));
    const what = `preprocess ${bench.width}×${bench.height} JPEG to ${side}`;
    return { what, ours, amount: pictures, unit: 'pictures/s', peer: { name: 'sharp alone, nothing kept', timing } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function drawPictures({ pictures, height, width }: PreprocessBench, folder: string): Promise<void> {
  for (let index = 0; index < pictures; index++) {
    const data = drawBackground(height, width, Random.of(1, 'bench', index));
    const raw = { raw: { height, width, channels: 3 } } as const;
    await keepPhotograph(await sharp(data, raw).jpeg({ quality: 90 }).toBuffer(), folder);
  }
}

/** As `fetch` leaves a JPEG: `<sha256>.jpeg`. */
export async function keepPhotograph(bytes: Uint8Array, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${sha256(bytes)}.jpeg`), bytes);
}

/** Records of what {@link keepPhotograph} left in a folder, by digest. */
export async function recordsIn(folder: string): Promise<PictureRecord[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => ({
      path: `0/${name}`,
      sha256: name.replace('.jpeg', ''),
      size: (await stat(join(folder, name))).size,
      format: 'jpeg' as const,
      label: 'a',
      source: 'bench',
      license: null,
      attribution: null,
      group: null,
    })),
  );
}

/** The whole of `preprocess` on all cores: decode, cut to a square, resize, keep in the cache, write. */
export async function preprocessFiles(
  pictures: readonly PictureRecord[],
  filesDirectory: string,
  results: string,
  side: number,
): Promise<void> {
  await preprocessPictures({
    pictures,
    filesDirectory,
    section: {
      imageSize: { height: side, width: side },
      resize: 'crop',
      interpolation: 'bilinear',
      background: '#000000',
      maxFrames: null,
    },
    unreadable: 'error',
    placement: ({ path }) => ({ group: path, split: 'train' }),
    cacheDirectory: join(results, 'cache'),
    outDirectory: join(results, 'examples'),
    concurrency: availableParallelism(),
    report: silent,
  });
}

async function bare(pictures: readonly PictureRecord[], folder: string, side: number): Promise<void> {
  const left = [...pictures];
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const bytes = await readFile(join(folder, `${next.sha256}.jpeg`));
      await sharp(bytes).resize(side, side, { fit: 'cover', kernel: 'linear' }).removeAlpha().raw().toBuffer();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
    const records = await drawPictures(bench, folder);
    const results = join(folder, 'results');
    const clear = (): Promise<void> => rm(results, { recursive: true, force: true });
    const ours = await measure(runs, () => preprocess(records, folder, results, side), clear);
    const timing = await measure(runs, () => bare(records, folder, side));
    const what = `preprocess ${bench.width}×${bench.height} JPEG to ${side}`;
    return { what, ours, amount: pictures, unit: 'pictures/s', peer: { name: 'sharp alone, nothing kept', timing } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function drawPictures({ pictures, height, width }: PreprocessBench, folder: string): Promise<PictureRecord[]> {
  const records: PictureRecord[] = [];
  for (let index = 0; index < pictures; index++) {
    const data = drawBackground(height, width, Random.of(1, 'bench', index));
    const bytes = await sharp(data, { raw: { height, width, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    const digest = sha256(bytes);
    await writeFile(join(folder, `${digest}.jpeg`), bytes);
    const path = `0/${index}.jpg`;
    records.push({
      path,
      sha256: digest,
      size: bytes.length,
      format: 'jpeg',
      label: 'a',
      source: 'bench',
      license: null,
      attribution: null,
      group: null,
    });
  }
  return records;
}

async function preprocess(pictures: PictureRecord[], folder: string, results: string, side: number): Promise<void> {
  await preprocessPictures({
    pictures,
    filesDirectory: folder,
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

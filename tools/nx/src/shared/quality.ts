import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { placePictures } from '@graft/dataset';
import type { PictureList, PlacedPictures } from '@graft/dataset';
import type { Report } from '@graft/foundation';
import { measurePictures } from '@graft/image';
import type { PreprocessSettings } from '@graft/pipeline';
import { checkDataset, distinct } from '@graft/quality';
import type { CheckResult, Dataset } from '@graft/quality';

type Judgement = Pick<PreprocessSettings, 'classes' | 'checks' | 'split' | 'testSources' | 'seed'>;

export interface QualityJob {
  readonly settings: Judgement;
  readonly imageSize: Dataset['imageSize'];
  /** Where `fetch` left the pictures. */
  readonly fetched: string;
  readonly cacheFolder: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface Judged {
  readonly dataset: Dataset;
  readonly result: CheckResult;
}

/** Measures what `fetch` brought and lets the checks judge it. */
export async function judgePictures(job: QualityJob): Promise<Judged> {
  // Written by `fetch`, whose manifest was verified a moment ago.
  const list: PictureList = JSON.parse(await readFile(join(job.fetched, 'pictures.json'), 'utf8'));
  const measured = await measurePictures({
    pictures: list.pictures,
    filesDirectory: join(job.fetched, 'files'),
    cacheDirectory: join(job.cacheFolder, 'cache', 'traits'),
    concurrency: availableParallelism(),
    report: job.report,
    signal: job.signal,
  });
  const dataset = { list, measured, classes: job.settings.classes, imageSize: job.imageSize };
  return { dataset, result: checkDataset(dataset, job.settings.checks) };
}

/**
 * The side of each picture that the checks leave. An example is known by its content, so that copies which the checks let
 * pass still count once: twice the same picture would teach nothing that a class weight does not.
 */
export function splitPictures(
  { kept, lookAlikes }: CheckResult,
  { split, testSources, seed }: Judgement,
): PlacedPictures {
  return placePictures(distinct(kept), {
    split,
    testSources,
    seed,
    ...(split.groupBy === 'near_duplicate' ? { lookAlikes: lookAlikes() } : {}),
  });
}

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { compareSides, placePictures } from '@graft/dataset';
import type { PictureFacts, PictureList, PlacedPictures } from '@graft/dataset';
import type { Report } from '@graft/foundation';
import { measurePictures } from '@graft/image';
import type { PreprocessSettings } from '@graft/pipeline';
import { checkDataset, distinct, keepRecordedGroups, perceptualHash } from '@graft/quality';
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
  { dataset: { list }, result: { kept, lookAlikes } }: Judged,
  { split, testSources, seed }: Judgement,
): PlacedPictures {
  const recorded = new Map(
    list.recorded.flatMap((one) => (one.lookAlikes === null ? [] : [[one.sha256, one.lookAlikes] as const])),
  );
  const { placed, diagnostics } = placePictures(distinct(kept), {
    split,
    testSources,
    seed,
    ...(split.groupBy === 'near_duplicate' ? { lookAlikes: keepRecordedGroups(lookAlikes(), recorded) } : {}),
  });
  return { placed, diagnostics: [...diagnostics, ...compareSides(placed, list.recorded)] };
}

/** What the lock records of each content that can be read. */
export function pictureFacts(judged: Judged, settings: Judgement): Map<string, PictureFacts> {
  const places = new Map(splitPictures(judged, settings).placed.map((one) => [one.record.sha256, one]));
  const keepsLookAlikes = settings.split.groupBy === 'near_duplicate';
  const facts = new Map<string, PictureFacts>();
  for (const [content, picture] of judged.dataset.measured) {
    if (!picture.ok) continue;
    const { width, height } = picture.traits;
    const place = places.get(content);
    facts.set(content, {
      ...{ width, height, perceptualHash: perceptualHash(picture.traits) },
      split: place?.split ?? null,
      lookAlikes: keepsLookAlikes ? (place?.group ?? null) : null,
    });
  }
  return facts;
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { grouper, fractionOf } from '@graft/dataset';
import type { PictureList, PictureRecord } from '@graft/dataset';
import type { Report } from '@graft/foundation';
import { openExamples, preprocessPictures } from '@graft/image';
import type { Examples } from '@graft/image';
import type { ThresholdSettings } from '@graft/pipeline';

export interface UnknownPicturesJob {
  readonly settings: Pick<NonNullable<ThresholdSettings>, 'seed' | 'preprocess' | 'groupBy'>;
  /** Where `fetch` left the pictures of no class. */
  readonly fetched: string;
  /** SHA-256 of pictures that are of a class after all. */
  readonly ofClasses: ReadonlySet<string>;
  readonly cacheFolder: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface UnknownPictures {
  /** On `validation` to choose on, on `test` to measure on; null where there is none. */
  readonly examples: Examples | null;
  /** Paths of pictures that were left out, and why. */
  readonly leftOut: readonly string[];
}

/** Prepares the pictures of no class as all others are, and hands them on while `work` runs. */
export async function withUnknownPictures<T>(
  job: UnknownPicturesJob,
  work: (unknown: UnknownPictures) => Promise<T>,
): Promise<T> {
  // Written by `fetch`, whose manifest was verified a moment ago.
  const list: PictureList = JSON.parse(await readFile(join(job.fetched, 'pictures.json'), 'utf8'));
  const distinct = [...new Map(list.pictures.map((record) => [record.sha256, record])).values()];
  const pictures = distinct.filter(({ sha256 }) => !job.ofClasses.has(sha256));
  const known = distinct.filter(({ sha256 }) => job.ofClasses.has(sha256));
  const leftOut = [
    ...known.map(({ path }) => `${path} is a picture of a class as well`),
    ...list.refused.map(({ path, reason }) => `${path} ${reason}`),
  ];
  if (pictures.length === 0) return work({ examples: null, leftOut });
  const folder = await mkdtemp(join(tmpdir(), 'graft-unknown-'));
  try {
    const { dropped } = await preprocessPictures({
      pictures,
      filesDirectory: join(job.fetched, 'files'),
      section: job.settings.preprocess,
      unreadable: 'drop',
      placement: placementOf(job.settings),
      cacheDirectory: join(job.cacheFolder, 'cache', 'preprocess'),
      outDirectory: folder,
      concurrency: availableParallelism(),
      report: job.report,
      signal: job.signal,
    });
    const examples = await openExamples(folder);
    try {
      return await work({
        examples,
        leftOut: [...leftOut, ...dropped.map(({ path, reason }) => `${path} ${reason}`)],
      });
    } finally {
      examples.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Half of the groups, by the hash of their names, so that no picture changes sides because others come or go. */
function placementOf({ groupBy, seed }: UnknownPicturesJob['settings']) {
  // Look-alikes are not searched for here; variants of one drawing often share a name.
  const groupOf = grouper(groupBy === 'near_duplicate' ? 'name' : groupBy);
  return (record: PictureRecord): { split: 'validation' | 'test'; group: string } => {
    const group = groupOf(record);
    return { split: fractionOf(seed, 'unknown', group) < 0.5 ? 'validation' : 'test', group };
  };
}

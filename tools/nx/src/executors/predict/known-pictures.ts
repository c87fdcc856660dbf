import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { displayPath } from '@graft/dataset';
import type { PictureList } from '@graft/dataset';
import type { SeenPicture } from '@graft/evaluation';
import { measurePictures } from '@graft/image';
import type { ExampleIndex, PictureTraits } from '@graft/image';
import { hashesAlike, perceptualHash } from '@graft/quality';
import type { Surroundings } from './open-experiment';

/** Where the experiment has met a picture before: by its bytes, else by how it looks. */
export type KnownPictures = (sha256: string, traits: PictureTraits) => SeenPicture | null;

const WEIGHT: Readonly<Record<SeenPicture['split'], number>> = { train: 0, validation: 1, test: 2 };

/** Looks at the experiment's own pictures, which were measured when they were checked and are not decoded again. */
export async function knownPictures(
  outFolder: string,
  { cacheFolder, report, signal }: Pick<Surroundings, 'cacheFolder' | 'report' | 'signal'>,
): Promise<KnownPictures> {
  const fetched = join(outFolder, 'fetch', 'pictures');
  // Both were written by stages whose manifests were verified a moment ago.
  const list: PictureList = JSON.parse(await readFile(join(fetched, 'pictures.json'), 'utf8'));
  const index: ExampleIndex = JSON.parse(
    await readFile(join(outFolder, 'preprocess', 'examples', 'index.json'), 'utf8'),
  );
  const sides = new Map(index.examples.map(({ id, split }) => [id.split('#')[0], split]));
  const used = list.pictures.filter(({ sha256 }) => sides.has(sha256));
  const measured = await measurePictures({
    pictures: used,
    filesDirectory: join(fetched, 'files'),
    cacheDirectory: join(cacheFolder, 'cache', 'traits'),
    concurrency: availableParallelism(),
    report,
    signal,
  });
  const entries = used.flatMap((record) => {
    const [split, picture] = [sides.get(record.sha256), measured.get(record.sha256)];
    if (split === undefined || picture?.ok !== true) return [];
    return [{ sha256: record.sha256, split, path: displayPath(record), hash: perceptualHash(picture.traits) }];
  });
  // What was learned from weighs most, where a picture looks like several.
  entries.sort((a, b) => WEIGHT[a.split] - WEIGHT[b.split]);
  return (sha256, traits) => {
    const same = entries.find((entry) => entry.sha256 === sha256);
    if (same !== undefined) return { split: same.split, path: same.path, same: true };
    const hash = perceptualHash(traits);
    const alike = entries.find((entry) => hashesAlike(entry.hash, hash));
    return alike === undefined ? null : { split: alike.split, path: alike.path, same: false };
  };
}

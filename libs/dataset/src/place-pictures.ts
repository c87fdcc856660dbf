import type { Diagnostic } from '@graft/foundation';
import type { SplitSection } from '@graft/spec';
import { testShareUnused } from './errors';
import { grouper } from './group-rules';
import type { LabelledGroup } from './groups';
import { sourceIndexOf } from './paths';
import { placeByFolders } from './place-by-folders';
import type { PictureRecord, SplitPart } from './picture';
import { assignSplits } from './splits';

export interface PlacementOptions {
  readonly split: SplitSection;
  /** Indices of the sources whose pictures are measured only. */
  readonly testSources: readonly number[];
  readonly seed: number;
  /** Content to the name of its group, for `split.groupBy: near_duplicate`; contents that look like no other are missing. */
  readonly lookAlikes?: ReadonlyMap<string, string>;
}

export interface PlacedPicture {
  readonly record: PictureRecord;
  readonly group: string;
  readonly split: SplitPart;
}

export interface PlacedPictures {
  /** In the order in which they came. */
  readonly placed: readonly PlacedPicture[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Gives each picture its group and side. Where there are test sources, their pictures are the test part and nothing
 * else is: the share of the others that would be tested is left out, so that what is learned stays what it was without
 * test sources. So is a picture whose group reaches into a test source.
 */
export function placePictures(
  pictures: readonly PictureRecord[],
  { split, testSources, seed, lookAlikes }: PlacementOptions,
): PlacedPictures {
  const groupOf = grouper(split.groupBy, lookAlikes);
  const all = pictures.map((record) => ({ record, group: groupOf(record) }));
  if (split.method === 'folders') return placeByFolders(all, { split, testSources, seed });
  const isHeldOut = (record: PictureRecord): boolean => testSources.includes(sourceIndexOf(record));
  const heldOut = new Set(all.filter(({ record }) => isHeldOut(record)).map(({ group }) => group));
  const shared = all.filter(({ group }) => !heldOut.has(group));
  const needed: readonly SplitPart[] =
    testSources.length > 0 ? ['train', 'validation'] : ['train', 'validation', 'test'];
  const { parts, diagnostics } = assignSplits(shared.map(labelled), split, seed, needed);
  const placed = all.flatMap(({ record, group }): PlacedPicture[] => {
    const part = heldOut.has(group) ? 'test' : (parts.get(group) ?? 'train');
    return part === 'test' && testSources.length > 0 && !isHeldOut(record) ? [] : [{ record, group, split: part }];
  });
  const unused = all.length - placed.length;
  return { placed, diagnostics: unused > 0 ? [...diagnostics, testShareUnused(unused)] : diagnostics };
}

function labelled({ record, group }: { record: PictureRecord; group: string }): LabelledGroup {
  return { group, label: record.label };
}

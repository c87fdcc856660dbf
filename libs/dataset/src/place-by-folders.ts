import type { Diagnostic } from '@graft/foundation';
import { emptyFolder, outsideSplitFolders } from './errors';
import { displayPath, sourceIndexOf } from './paths';
import type { PictureRecord, SplitPart } from './picture';
import type { PlacedPicture, PlacedPictures, PlacementOptions } from './place-pictures';
import { assignSplits } from './splits';

const FOLDERS: ReadonlyMap<string, SplitPart> = new Map([
  ['train', 'train'],
  ['validation', 'validation'],
  ['val', 'validation'],
  ['test', 'test'],
]);

type Grouped = Pick<PlacedPicture, 'record' | 'group'>;

/**
 * Puts each picture on the side whose folder it lies in: the outermost one called `train`, `validation`, `val` or `test`.
 * Pictures of test sources are tested wherever they lie. Where no folder is for validation, that share of the groups in
 * `train` is, by their hash.
 */
export function placeByFolders(pictures: readonly Grouped[], options: PlacementOptions): PlacedPictures {
  const sided = pictures.map((picture) => ({ ...picture, side: sideOf(picture.record, options.testSources) }));
  const outside = sided.filter(({ side }) => side === null).map(({ record }) => displayPath(record));
  if (outside.length > 0) return { placed: [], diagnostics: [outsideSplitFolders(outside)] };
  const watched = sided.some(({ side }) => side === 'validation')
    ? new Set<string>()
    : validationGroups(sided, options);
  const placed = sided.map(({ record, group, side }): PlacedPicture => {
    const split = side === 'train' && watched.has(group) ? 'validation' : (side ?? 'train');
    return { record, group, split };
  });
  return { placed, diagnostics: emptyFolders(placed, options) };
}

function sideOf(record: PictureRecord, testSources: readonly number[]): SplitPart | null {
  if (testSources.includes(sourceIndexOf(record))) return 'test';
  const folders = record.path.split('/').slice(1, -1);
  return folders.map((folder) => FOLDERS.get(folder.toLowerCase())).find((side) => side !== undefined) ?? null;
}

function validationGroups(
  pictures: readonly (Grouped & { readonly side: SplitPart | null })[],
  { split: { validation }, seed }: PlacementOptions,
): Set<string> {
  const learned = pictures.filter(({ side }) => side === 'train');
  const groups = learned.map(({ record, group }) => ({ group, label: record.label }));
  const { parts } = assignSplits(groups, { train: 1 - validation, validation, test: 0 }, seed);
  return new Set([...parts].filter(([, part]) => part === 'validation').map(([group]) => group));
}

function emptyFolders(placed: readonly PlacedPicture[], { split }: PlacementOptions): Diagnostic[] {
  const labels = [...new Set(placed.map(({ record }) => record.label))].sort();
  const needed = (['train', 'validation', 'test'] as const).filter((part) => split[part] > 0);
  return labels.flatMap((label) =>
    needed
      .filter((part) => !placed.some((one) => one.record.label === label && one.split === part))
      .map((part) => emptyFolder(label, part)),
  );
}

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkPictures, placePictures } from '@graft/dataset';
import type { PictureList, PictureRecord, PlacedPicture } from '@graft/dataset';
import { preprocessPictures } from '@graft/image';
import type { PreprocessSettings } from '@graft/pipeline';
import { raise, tellWarnings } from '../../shared/diagnostics';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<PreprocessSettings>('preprocess', async (job) => {
  const { checks, split, testSources, seed, preprocess } = job.settings;
  const fetched = join(job.input('fetch'), 'pictures');
  // Written by `fetch`, whose manifest was verified a moment ago.
  const list: PictureList = JSON.parse(await readFile(join(fetched, 'pictures.json'), 'utf8'));
  const checked = checkPictures(list, checks);
  raise(checked.diagnostics, job.report);
  const pictures = distinctContents(checked.kept);
  const { placed, diagnostics } = placePictures(pictures, { split, testSources, seed });
  raise(diagnostics, job.report);
  const placements = new Map(placed.map(({ record, ...placement }) => [record, placement]));
  const result = await preprocessPictures({
    pictures: placed.map(({ record }) => record),
    filesDirectory: join(fetched, 'files'),
    section: preprocess,
    unreadable: checks.unreadable,
    placement: (record) => placementOf(record, placements),
    cacheDirectory: join(job.cacheFolder, 'cache', 'preprocess'),
    outDirectory: join(job.folder, 'examples'),
    concurrency: availableParallelism(),
    report: job.report,
    signal: job.signal,
  });
  tellWarnings(result.warnings, job.report);
  const { examples } = result.index;
  const count = (name: string): number => examples.filter((example) => example.split === name).length;
  job.say(
    `${checked.dropped.length} exact copies dropped; ${result.decoded} pictures decoded, ${result.reused} reused`,
  );
  job.say(
    `${examples.length} examples: ${count('train')} train, ${count('validation')} validation, ${count('test')} test`,
  );
});

type Placement = Omit<PlacedPicture, 'record'>;

function placementOf(record: PictureRecord, placements: ReadonlyMap<PictureRecord, Placement>): Placement {
  const placement = placements.get(record);
  if (placement === undefined) throw new Error(`internal: ${record.path} has no side`);
  return placement;
}

/**
 * An example is known by its content, so that copies which the checks let pass still count once, under the first path.
 * Twice the same picture would teach nothing that a class weight does not.
 */
function distinctContents(pictures: readonly PictureRecord[]): PictureRecord[] {
  return [...new Map([...pictures].reverse().map((record) => [record.sha256, record])).values()].reverse();
}

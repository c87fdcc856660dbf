import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { PictureRecord, PlacedPicture } from '@graft/dataset';
import { openExamples, preprocessPictures } from '@graft/image';
import type { PreprocessSettings } from '@graft/pipeline';
import { raise, tellWarnings } from '../../shared/diagnostics';
import { judgePictures, splitPictures } from '../../shared/quality';
import { stageExecutor } from '../../shared/stage-executor';
import type { StageJob } from '../../shared/stage-executor';

export default stageExecutor<PreprocessSettings>('preprocess', preprocess, async ({ folder, projectName, say }) => {
  const examples = await openExamples(join(folder, 'examples'));
  say(`nothing has changed: ${examples.index.examples.length} examples as they were, no picture decoded`);
  say(`what the checks found stands in the output of npx nx run ${projectName}:check`);
  examples.close();
});

async function preprocess(job: StageJob<PreprocessSettings>): Promise<void> {
  const { checks, preprocess } = job.settings;
  const fetched = join(job.input('fetch'), 'pictures');
  const judged = await judgePictures({ ...job, imageSize: preprocess.imageSize, fetched });
  const { dataset, result: checked } = judged;
  raise(checked.diagnostics, job.report);
  if (checked.remarks.length > 0) {
    const codes = checked.remarks.map(({ code, message }) => `${message} (${code})`).join(', ');
    job.say(`remarks: ${codes}; look at them: npx nx run ${job.projectName}:check`);
  }
  const { placed, diagnostics } = splitPictures(judged, job.settings);
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
    `${dataset.list.pictures.length - checked.kept.length} left out by the checks; ${result.decoded} pictures decoded, ${result.reused} reused`,
  );
  job.say(
    `${examples.length} examples: ${count('train')} train, ${count('validation')} validation, ${count('test')} test`,
  );
}

type Placement = Omit<PlacedPicture, 'record'>;

function placementOf(record: PictureRecord, placements: ReadonlyMap<PictureRecord, Placement>): Placement {
  const placement = placements.get(record);
  if (placement === undefined) throw new Error(`internal: ${record.path} has no side`);
  return placement;
}

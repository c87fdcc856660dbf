import { join } from 'node:path';
import { writeFileAtomic } from '@graft/foundation';
import { readFetched, thumbnail } from '@graft/image';
import type { CheckSettings } from '@graft/pipeline';
import {
  checkLines,
  checkReport,
  findingLines,
  renderCheckJson,
  renderCheckPage,
  shownContents,
  summaryLines,
  unknownCheck,
} from '@graft/quality';
import type { CheckReport } from '@graft/quality';
import { describeChecks } from '@graft/spec';
import { judgePictures, splitPictures } from '../../shared/quality';
import type { Judged } from '../../shared/quality';
import { placeInOut } from '../../shared/place-in-out';
import { stageExecutor } from '../../shared/stage-executor';

const THUMBNAIL_SIDE = 160;

export interface CheckOptions {
  /** Empty: all checks; else the key of one. */
  readonly list?: string | boolean;
}

export default stageExecutor<CheckSettings, CheckOptions>('check', async (job, { list = false }) => {
  const { name, imageSize } = job.settings;
  const fetched = join(job.input('fetch'), 'pictures');
  const judged = await judgePictures({ ...job, imageSize, fetched });
  const { placed } = splitPictures(judged, job.settings);
  const report = checkReport(name, judged.dataset, judged.result, placed);
  const thumbnails = await thumbnailsOf(shownContents(report), judged, join(fetched, 'files'));
  await writeFileAtomic(join(job.folder, 'check.json'), renderCheckJson(report));
  await writeFileAtomic(join(job.folder, 'check.html'), renderCheckPage(report, thumbnails));
  const page = placeInOut(job, 'check', 'check.html');
  const lines = list === false ? summaryLines(report, page) : listing(report, list);
  lines.forEach(job.say);
  return judged.result.diagnostics.filter(({ severity }) => severity === 'error');
});

function listing(report: CheckReport, list: string | true): string[] {
  const known = describeChecks();
  if (list === true || list === '' || list === 'true') return checkLines(report, known);
  if (known.some(({ key }) => key === list)) return findingLines(report, list);
  throw unknownCheck(
    list,
    known.map(({ key }) => key),
  );
}

async function thumbnailsOf(
  contents: readonly string[],
  { dataset }: Judged,
  filesDirectory: string,
): Promise<Map<string, Uint8Array>> {
  const records = new Map(dataset.list.pictures.map((record) => [record.sha256, record]));
  const thumbnails = new Map<string, Uint8Array>();
  for (const content of contents) {
    const record = records.get(content);
    if (record === undefined || dataset.measured.get(content)?.ok !== true) continue;
    const bytes = await readFetched(record, filesDirectory);
    thumbnails.set(content, await thumbnail(bytes, record.format, THUMBNAIL_SIDE));
  }
  return thumbnails;
}

import { join } from 'node:path';
import { fetchPictures, fetchWeights } from '@graft/dataset';
import type { FetchSettings } from '@graft/pipeline';
import { tellWarnings } from '../../shared/diagnostics';
import { fetchOptions } from '../../shared/fetching';
import { fetchFiles } from '../../shared/source-files';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<FetchSettings>('fetch', async (job) => {
  const options = fetchOptions(job);
  const read = await fetchFiles(job.projectFolder, job.settings.sources);
  Object.entries(read).forEach(([name, digest]) => job.recordInput(name, digest));
  const pictures = await fetchPictures({ ...options, outDirectory: join(job.folder, 'pictures') });
  const weights = await fetchWeights({
    ...options,
    ...job.settings.weights,
    outDirectory: join(job.folder, 'weights'),
  });
  tellWarnings([...pictures.warnings, ...weights.warnings], job.report);
  const downloaded = pictures.downloadedBytes + weights.downloadedBytes;
  job.say(`${pictures.list.pictures.length} pictures, ${(downloaded / 1e6).toFixed(1)} MB downloaded`);
});

import { join } from 'node:path';
import { writeFileAtomic } from '@graft/foundation';
import type { FetchSettings } from '@graft/pipeline';
import { tellWarnings } from '../../shared/diagnostics';
import { describeFetched, fetchAll } from '../../shared/fetching';
import { fetchFiles, LOCK_FILE } from '../../shared/source-files';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<FetchSettings>('fetch', async (job) => {
  const read = await fetchFiles(job.projectFolder, [...job.settings.sources, job.settings.weights.source]);
  Object.entries(read).forEach(([name, digest]) => job.recordInput(name, digest));
  const fetched = await fetchAll({ ...job, update: false });
  await writeFileAtomic(join(job.folder, 'lock', LOCK_FILE), fetched.lockText);
  tellWarnings([...fetched.pictures.warnings, ...fetched.weights.warnings], job.report);
  job.say(describeFetched(fetched));
});

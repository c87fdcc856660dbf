import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FetchOptions } from '@graft/dataset';
import type { FetchSettings } from '@graft/pipeline';
import { LOCK_FILE } from './source-files';
import type { StageJob } from './stage-executor';

type FetchJob = Pick<
  StageJob<FetchSettings>,
  'settings' | 'projectName' | 'projectFolder' | 'workspaceFolder' | 'cacheFolder' | 'report' | 'signal'
>;

/** Where pictures and weights come from and where they are kept; everything but the folder they are written to. */
export function fetchOptions(job: FetchJob): Omit<FetchOptions, 'outDirectory'> {
  const { settings } = job;
  const path = join(job.projectFolder, LOCK_FILE);
  return {
    ...settings,
    projectName: job.projectName,
    baseDirectory: job.projectFolder,
    workspaceDirectory: job.workspaceFolder,
    storeDirectory: join(job.cacheFolder, 'store'),
    lock: {
      mode: settings.lock,
      text: existsSync(path) ? readFileSync(path, 'utf8') : null,
      path: path.slice(job.workspaceFolder.length + 1),
    },
    report: job.report,
    signal: job.signal,
  };
}

import { join } from 'node:path';
import type { StageJob } from './stage-executor';

/** Where people find what a stage has written: relative to the workspace. */
export function placeInOut(
  job: Pick<StageJob<unknown>, 'projectFolder' | 'workspaceFolder'>,
  ...path: string[]
): string {
  return join(job.projectFolder.slice(job.workspaceFolder.length + 1), 'out', ...path);
}

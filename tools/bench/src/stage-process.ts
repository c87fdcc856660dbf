import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { effortOf } from './serve-runs';
import type { StageExecutor } from '../../nx/src/shared/stage-executor';

/**
 * stage-process.ts WORKSPACE PROJECT STAGE: runs a stage as Nx would, in a process of its own, and ends with a line about it.
 * Loading the code is not counted.
 */
async function main([root, project, stage]: readonly string[]): Promise<void> {
  const { default: run }: { default: StageExecutor<unknown> } = createRequire(__filename)(
    join(root, 'tools/nx/src/executors', stage, 'executor.ts'),
  );
  const configuration = { root: `apps/${project}` };
  const context = { root, projectName: project, projectsConfigurations: { projects: { [project]: configuration } } };
  let success = false;
  const effort = await effortOf(async () => {
    ({ success } = await run({}, context as unknown as ExecutorContext));
  });
  process.stdout.write(`${JSON.stringify({ ...effort, success })}\n`);
}

void main(process.argv.slice(2));

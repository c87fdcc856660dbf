import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { deliverPlan, describePlan, systemSerial, type DeliveryWish } from '@graft/flasher';
import { formatError, writeFileAtomic } from '@graft/foundation';
import { verifyLineage, verifyOutputs } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { readBoard } from '../../shared/load-experiment';
import { experimentOf, guarded, say } from '../../shared/stage-executor';
import { workingFolder } from '../../shared/working-folder';

/** On Ctrl-C the build tool is gone before a stopped run can print what the board holds; it stands here as well. */
const FAILURE_FILE = 'failure.txt';

export default function flashExecutor(wish: DeliveryWish, context: ExecutorContext) {
  return guarded(async (signal, report) => {
    const { projectFolder } = experimentOf(context);
    const bench = readBoard(context.root, projectFolder);
    const outFolder = join(projectFolder, 'out');
    const planFolder = join(outFolder, 'flash-plan');
    await verifyOutputs('flash-plan', planFolder, [{ stage: 'flash-plan', files: '**/*' }]);
    await verifyLineage(['flash-plan'], outFolder);
    const fromHere = (path: string | undefined): string | undefined =>
      path === undefined ? undefined : resolve(workingFolder(context.cwd), path);
    const paths = { card: fromHere(wish.card), stub: fromHere(wish.stub), firmware: fromHere(wish.firmware) };
    const failure = join(outFolder, 'flash', FAILURE_FILE);
    const before = await readFile(failure, 'utf8').catch(() => '');
    if (before !== '') say(`the last run did not end well:\n${before}`);
    const lines = await deliverPlan(
      { planFolder, wish: { ...wish, ...paths }, bench, serial: systemSerial, report, signal },
      (plan) => describePlan(plan).forEach(say),
    ).catch(async (error: unknown) => {
      await writeFileAtomic(failure, `${formatError(error)}\n`);
      throw error;
    });
    await rm(failure, { force: true });
    lines.forEach(say);
  });
}

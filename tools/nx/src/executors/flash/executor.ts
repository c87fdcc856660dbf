import { join, resolve } from 'node:path';
import { deliverPlan, describePlan, systemSerial, type DeliveryWish } from '@graft/flasher';
import { verifyLineage, verifyOutputs } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { experimentOf, guarded, say } from '../../shared/stage-executor';
import { workingFolder } from '../../shared/working-folder';

export default function flashExecutor(wish: DeliveryWish, context: ExecutorContext) {
  return guarded(async (signal, report) => {
    const outFolder = join(experimentOf(context).projectFolder, 'out');
    const planFolder = join(outFolder, 'flash-plan');
    await verifyOutputs('flash-plan', planFolder, [{ stage: 'flash-plan', files: '**/*' }]);
    await verifyLineage(['flash-plan'], outFolder);
    const fromHere = (path: string | undefined): string | undefined =>
      path === undefined ? undefined : resolve(workingFolder(context.cwd), path);
    const paths = { card: fromHere(wish.card), stub: fromHere(wish.stub), firmware: fromHere(wish.firmware) };
    const lines = await deliverPlan(
      { planFolder, wish: { ...wish, ...paths }, serial: systemSerial, report, signal },
      (plan) => describePlan(plan).forEach(say),
    );
    lines.forEach(say);
  });
}

import { join, resolve } from 'node:path';
import { deliverPlan, describePlan } from '@graft/flasher';
import { verifyLineage, verifyOutputs } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { experimentOf, guarded, say } from '../../shared/stage-executor';
import { workingFolder } from '../../shared/working-folder';

export interface FlashOptions {
  readonly card?: string;
}

export default function flashExecutor({ card }: FlashOptions, context: ExecutorContext) {
  return guarded(async (signal, report) => {
    const outFolder = join(experimentOf(context).projectFolder, 'out');
    const planFolder = join(outFolder, 'flash-plan');
    await verifyOutputs('flash-plan', planFolder, [{ stage: 'flash-plan', files: '**/*' }]);
    await verifyLineage(['flash-plan'], outFolder);
    const mounted = card === undefined ? undefined : resolve(workingFolder(context.cwd), card);
    const lines = await deliverPlan({ planFolder, card: mounted, report, signal }, (plan) =>
      describePlan(plan).forEach(say),
    );
    lines.forEach(say);
  });
}

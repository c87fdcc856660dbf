import { join } from 'node:path';
import { systemSerial, verifyBoard } from '@graft/flasher';
import { verifyLineage, verifyOutputs } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { readBoard } from '../../shared/load-experiment';
import { experimentOf, guarded, say } from '../../shared/stage-executor';

export interface VerifyDeviceOptions {
  readonly port?: string;
}

export default function verifyDeviceExecutor({ port }: VerifyDeviceOptions, context: ExecutorContext) {
  return guarded(async (signal, report) => {
    const { projectFolder } = experimentOf(context);
    const bench = readBoard(context.root, projectFolder);
    const outFolder = join(projectFolder, 'out');
    const planFolder = join(outFolder, 'flash-plan');
    await verifyOutputs('flash-plan', planFolder, [{ stage: 'flash-plan', files: '**/*' }]);
    await verifyLineage(['flash-plan'], outFolder);
    const { lines, failure } = await verifyBoard({ planFolder, port, bench, serial: systemSerial, report, signal });
    lines.forEach(say);
    if (failure !== null) throw failure;
    say('the board computes what the simulator computes');
  });
}

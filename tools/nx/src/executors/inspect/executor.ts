import { join, resolve } from 'node:path';
import { printInspection } from '@graft/kmodel';
import { verifyOutputs } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { workingFolder } from '../../shared/working-folder';
import { inspectFile } from './kmodel-file';
import { experimentOf, guarded, say } from '../../shared/stage-executor';

export interface InspectOptions {
  readonly file?: string;
  readonly json: boolean;
}

export default function inspectExecutor({ file, json }: InspectOptions, context: ExecutorContext) {
  return guarded(async () => {
    const path = file === undefined ? await exportedKModel(context) : resolve(workingFolder(context.cwd), file);
    const inspection = await inspectFile(path);
    say(json ? JSON.stringify(inspection, null, 2) : printInspection(inspection).trimEnd());
  });
}

/** The file that this experiment's last export left. @throws GraftError E501 when there was none. */
async function exportedKModel(context: ExecutorContext): Promise<string> {
  const folder = join(experimentOf(context).projectFolder, 'out', 'export-kmodel');
  const [kmodel] = await verifyOutputs('export-kmodel', folder, [{ stage: 'export-kmodel', files: '*.kmodel' }]);
  if (kmodel === undefined) throw new Error('internal: export-kmodel has made no kmodel');
  return join(folder, kmodel.path);
}

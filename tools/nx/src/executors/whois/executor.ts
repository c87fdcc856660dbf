import { basename, join, resolve } from 'node:path';
import { findRecord, HISTORY_FOLDER, modelUnknown, readHistory } from '@graft/pipeline';
import type { NewRecord } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { presentRecord } from '../../shared/history';
import { guarded, say } from '../../shared/stage-executor';
import { workingFolder } from '../../shared/working-folder';
import { checkKModel } from '../inspect/kmodel-file';
import { describeRecord } from './describe-record';
import { differencesFromNow } from './differences';
import { describeClaim, describeSameLength } from './strangers';
import { modelsIn, type FoundModel } from './models-in';

export interface WhoisOptions {
  readonly file: string;
  readonly json: boolean;
}

export default function whoisExecutor({ file, json }: WhoisOptions, context: ExecutorContext) {
  return guarded(async () => {
    const path = resolve(workingFolder(context.cwd), file);
    for (const model of await modelsIn(path)) {
      const record = await recordOf(model, context);
      const differences = await differencesFromNow(record, context);
      if (json) say(JSON.stringify({ file: model.name, record, differences }, null, 2));
      else describeRecord(model.name, record, differences).forEach(say);
    }
  });
}

/** @throws GraftError E508 for a model that is whole, and not ours; E350 … E357 for one that is not whole */
async function recordOf(model: FoundModel, context: ExecutorContext): Promise<NewRecord> {
  const folder = join(context.root, HISTORY_FOLDER);
  const kept = await findRecord(folder, model.sha256);
  if (kept !== null) return kept;
  const present = await presentRecords(context);
  const record = present.find(({ provenance }) => provenance.model.sha256 === model.sha256);
  if (record !== undefined) return record;
  checkKModel(model.bytes, model.name);
  const known = [...(await readHistory(folder)).records, ...present];
  const details = [...describeClaim(model), ...describeSameLength(model, known)];
  throw modelUnknown(basename(model.name), model.sha256, details);
}

/** Of models that came out of the build tool's cache, and so were made where no history is kept. */
async function presentRecords({ root, projectsConfigurations }: ExecutorContext): Promise<NewRecord[]> {
  const experiments = Object.entries(projectsConfigurations.projects).filter(([, { targets }]) => targets?.['whois']);
  const records = await Promise.all(
    experiments.map(([projectName, project]) =>
      presentRecord({ projectName, projectFolder: join(root, project.root), workspaceFolder: root }),
    ),
  );
  return records.filter((record) => record !== null);
}

import { join } from 'node:path';
import { canonicalJson, DiagnosticsError, writeFileAtomic } from '@graft/foundation';
import { printCuts, printFit } from '@graft/compiler';
import { stageSettings } from '@graft/pipeline';
import { fitOnDevice, resolvedBy } from '../../shared/fit';
import { keysOf } from '../../shared/keys';
import { readExperiment } from '../../shared/load-experiment';
import { resolveFiles } from '../../shared/source-files';
import { strictLines, strictProblems } from '../../shared/strict';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor('resolve', async (job) => {
  const experiment = readExperiment(job.workspaceFolder, job.projectFolder, job.say);
  const fit = fitOnDevice(experiment);
  const problems = [...fit.diagnostics, ...strictProblems(experiment)];
  if (fit.report === null || problems.length > 0) throw new DiagnosticsError(problems);
  strictLines(experiment).forEach(job.say);
  for (const [stage, settings] of Object.entries(stageSettings(experiment.spec, resolvedBy(experiment, fit)))) {
    await writeFileAtomic(join(job.folder, `${stage}.json`), canonicalJson(settings));
  }
  await writeFileAtomic(join(job.folder, 'keys', 'keys.json'), canonicalJson(keysOf(experiment)));
  const read = await resolveFiles(job.workspaceFolder, experiment.files);
  Object.entries(read).forEach(([name, digest]) => job.recordInput(name, digest));
  await writeFileAtomic(join(job.folder, 'fit', 'fit.txt'), `${printCuts(fit.cuts)}${printFit(fit.report)}`);
});

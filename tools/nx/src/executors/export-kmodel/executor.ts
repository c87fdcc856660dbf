import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { checkRequirements, evaluatePredictions, summaryLines } from '@graft/evaluation';
import { HISTORY_FOLDER, keepRecord } from '@graft/pipeline';
import type { ExportKmodelSettings } from '@graft/pipeline';
import { raise } from '../../shared/diagnostics';
import { recordOf } from '../../shared/history';
import { readMeasured } from '../../shared/measured';
import { placeInOut } from '../../shared/place-in-out';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<ExportKmodelSettings>('export-kmodel', async (job) => {
  const { name, confidence, require: required } = job.settings;
  const { predictions, facts } = await readMeasured(job.input('compile'));
  const classes = (predictions[0]?.float ?? []).map((_, index) => `class ${index}`);
  const metrics = evaluatePredictions(predictions, { classes, confidence });
  const file = `${name}.kmodel`;
  const compiled = join(job.input('compile'), 'model');
  const kmodel = await readFile(join(compiled, 'model.kmodel'));
  await writeFileAtomic(join(job.folder, file), kmodel);
  await writeFileAtomic(join(job.folder, `${file}.txt`), await readFile(join(compiled, 'model.kmodel.txt')));
  await writeFileAtomic(
    join(job.folder, 'summary.json'),
    canonicalJson({
      deviceAccuracy: metrics.deviceAccuracy.value,
      floatAccuracy: metrics.floatAccuracy.value,
      agreement: metrics.agreement.value,
      pictures: metrics.count,
      ...facts,
    }),
  );
  summaryLines(metrics, facts).forEach(job.say);
  job.say(`report: ${placeInOut(job, 'evaluate', 'report.html')}`);
  // Also of a run that misses a limit: what was tried, and how far it came.
  await keepRecord(join(job.workspaceFolder, HISTORY_FOLDER), await recordOf(name, kmodel, job));
  raise(checkRequirements(metrics, facts, required), job.report);
  job.say(`written: ${placeInOut(job, 'export-kmodel', file)}`);
});

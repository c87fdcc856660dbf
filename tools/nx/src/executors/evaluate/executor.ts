import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@graft/foundation';
import {
  evaluatePredictions,
  judgeGates,
  MEMORY_MAP_FILE,
  renderMemoryMap,
  renderMetrics,
  renderPage,
  renderReport,
  renderTrainingCurves,
  summaryLines,
  thresholdLines,
  TRAINING_CURVES_FILE,
} from '@graft/evaluation';
import { openExamples } from '@graft/image';
import type { EvaluateSettings } from '@graft/pipeline';
import { readCuts, readMeasured, readMemory, readQuantization, readTraining } from '../../shared/measured';
import { provenanceOf } from '../../shared/provenance';
import { readHealth, splitCounts, thumbnailsOf } from '../../shared/report-facts';
import { readThreshold } from '../../shared/threshold';
import { placeInOut } from '../../shared/place-in-out';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<EvaluateSettings>('evaluate', async (job) => {
  const { name, classes, confidence, worstImages, require: required, settingsSha256, config } = job.settings;
  const { predictions, facts: measured } = await readMeasured(job.input('compile'));
  const metrics = evaluatePredictions(predictions, { classes, confidence, maxExamples: worstImages });
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  const kmodel = await readFile(join(job.input('compile'), 'model', 'model.kmodel'));
  const facts = {
    name,
    ...measured,
    memory: await readMemory(job.input('compile')),
    quantization: await readQuantization(job.input('quantize')),
    training: await readTraining(job.input('train')),
    cuts: await readCuts(job.input('probe')),
    unknown: await readThreshold(job.input('threshold')),
    gates: judgeGates(metrics, measured, required),
    health: await readHealth(job.input('check')),
    split: splitCounts(examples.index),
    provenance: await provenanceOf(kmodel, {
      experiment: name,
      settingsSha256,
      fetchFolder: job.input('fetch'),
      workspaceFolder: job.workspaceFolder,
    }),
    config: `${config.join('\n')}\n`,
    thumbnails: await thumbnailsOf(metrics, examples).finally(() => examples.close()),
  };
  const write = (file: string, text: string) => writeFileAtomic(join(job.folder, file), text);
  await write('metrics.json', renderMetrics(metrics, facts));
  await write('report.md', renderReport(metrics, facts));
  await write('report.html', renderPage(metrics, facts));
  await write(MEMORY_MAP_FILE, renderMemoryMap(facts.memory));
  await write(TRAINING_CURVES_FILE, renderTrainingCurves(facts.training));
  summaryLines(metrics, facts).forEach(job.say);
  if (facts.unknown !== null) thresholdLines(facts.unknown).forEach(job.say);
  job.say(`report: ${placeInOut(job, 'evaluate', 'report.html')}`);
});

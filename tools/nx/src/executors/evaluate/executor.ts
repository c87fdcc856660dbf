import { join } from 'node:path';
import { writeFileAtomic } from '@graft/foundation';
import {
  evaluatePredictions,
  MEMORY_MAP_FILE,
  renderMemoryMap,
  renderMetrics,
  renderReport,
  renderTrainingCurves,
  summaryLines,
  thresholdLines,
  TRAINING_CURVES_FILE,
} from '@graft/evaluation';
import type { EvaluateSettings } from '@graft/pipeline';
import { readCuts, readMeasured, readMemory, readQuantization, readTraining } from '../../shared/measured';
import { readThreshold } from '../../shared/threshold';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<EvaluateSettings>('evaluate', async (job) => {
  const { name, classes, confidence } = job.settings;
  const { predictions, facts } = await readMeasured(job.input('compile'));
  const memory = await readMemory(job.input('compile'));
  const quantization = await readQuantization(job.input('quantize'));
  const training = await readTraining(job.input('train'));
  const cuts = await readCuts(job.input('probe'));
  const unknown = await readThreshold(job.input('threshold'));
  const metrics = evaluatePredictions(predictions, { classes, confidence });
  await writeFileAtomic(join(job.folder, 'metrics.json'), renderMetrics(metrics, facts, quantization, unknown));
  await writeFileAtomic(
    join(job.folder, 'report.md'),
    renderReport(metrics, { name, memory, quantization, cuts, training, unknown, ...facts }),
  );
  await writeFileAtomic(join(job.folder, MEMORY_MAP_FILE), renderMemoryMap(memory));
  await writeFileAtomic(join(job.folder, TRAINING_CURVES_FILE), renderTrainingCurves(training));
  summaryLines(metrics, facts).forEach(job.say);
  if (unknown !== null) thresholdLines(unknown).forEach(job.say);
  job.say(`written: ${join(job.projectFolder.slice(job.workspaceFolder.length + 1), 'out', 'evaluate', 'report.md')}`);
});

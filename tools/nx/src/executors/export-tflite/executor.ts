import { writeTflite } from '@graft/exchange';
import type { ExportTfliteSettings } from '@graft/pipeline';
import { cardOf, deliver, readTailRanges } from '../../shared/exchange';
import { readQuantized, readTrained } from '../../shared/networks';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<ExportTfliteSettings>('export-tflite', async (job) => {
  const { name, variants } = job.settings;
  const trained = await readTrained(job);
  const card = await cardOf(trained, job);
  const int8 = variants.includes('int8')
    ? { graph: await readQuantized(job), ranges: await readTailRanges(job) }
    : null;
  const options = { card, name, float32: variants.includes('float32'), int8 };
  await deliver(writeTflite(trained.graph, options), 'model', job, 'export-tflite');
});

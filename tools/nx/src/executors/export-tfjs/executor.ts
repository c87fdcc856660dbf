import { writeTfjs } from '@graft/exchange';
import type { ExportTfjsSettings } from '@graft/pipeline';
import { cardOf, deliver } from '../../shared/exchange';
import { readTrained } from '../../shared/networks';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<ExportTfjsSettings>('export-tfjs', async (job) => {
  const trained = await readTrained(job);
  const card = await cardOf(trained, job);
  await deliver(writeTfjs(trained.graph, { card, shardBytes: job.settings.shardBytes }), 'model', job, 'export-tfjs');
});

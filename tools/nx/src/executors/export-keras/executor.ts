import { writeKeras } from '@graft/exchange';
import type { ExchangeSettings } from '@graft/pipeline';
import { cardOf, deliver } from '../../shared/exchange';
import { readTrained } from '../../shared/networks';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<ExchangeSettings>('export-keras', async (job) => {
  const trained = await readTrained(job);
  const card = await cardOf(trained, job);
  await deliver(await writeKeras(trained.graph, { card, name: job.settings.name }), 'model', job, 'export-keras');
});

import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { openExamples } from '@graft/image';
import type { ProbeSettings } from '@graft/pipeline';
import type { ProbedCut } from '@graft/training';
import { chooseCut } from '../../shared/choose-cut';
import { indicesWhere } from '../../shared/examples';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<ProbeSettings>('probe', async (job) => {
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  // Validation pictures choose the best epoch; to them, too, the cut must be news.
  const training = indicesWhere(examples, (record) => record.split === 'train');
  const { output, comparison } = await chooseCut(job.settings, examples, training, {
    weightsFolder: join(job.input('fetch'), 'weights'),
    cacheFolder: job.cacheFolder,
    report: job.report,
    signal: job.signal,
  });
  const { cuts, pictures, trials } = comparison ?? { cuts: [], pictures: 0, trials: 0 };
  await writeFileAtomic(join(job.folder, 'cut', 'cut.json'), canonicalJson({ output }));
  await writeFileAtomic(join(job.folder, 'statistics', 'cuts.json'), canonicalJson({ cuts, pictures, trials }));
  if (comparison !== null) {
    const { extracted, reused, backend } = comparison;
    job.say(`back end ${backend.name} ${backend.version}: ${backend.reason}`);
    job.say(`${extracted} pictures went through the backbone, ${reused} came from the cache`);
    cuts.map(describe).forEach(job.say);
  }
  job.say(`the backbone ends with ${output}`);
});

function describe({ output, accuracy, low, high, kmodelBytes, estimatedMs, chosen }: ProbedCut): string {
  const percent = (share: number): string => (share * 100).toFixed(1);
  const needs = `${(kmodelBytes / 1024).toFixed(0)} KiB, ${estimatedMs.toFixed(1)} ms`;
  return `${chosen ? 'chosen:' : 'tried: '} ${output}; ${percent(accuracy)} % right (${percent(low)} to ${percent(high)}), ${needs}`;
}

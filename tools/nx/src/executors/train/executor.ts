import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { openExamples } from '@graft/image';
import { writeGraph } from '@graft/model';
import type { TrainedModel } from '@graft/training';
import type { TrainSettings } from '@graft/pipeline';
import { readCut } from '../../shared/cut';
import { indicesWhere, plainExamples, trainingExamples } from '../../shared/examples';
import { stageExecutor } from '../../shared/stage-executor';
import { trainFrom } from '../../shared/training';

export default stageExecutor<TrainSettings>('train', async (job) => {
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  const inSplit = (split: string): number[] => indicesWhere(examples, (record) => record.split === split);
  const sets = {
    training: trainingExamples(examples, inSplit('train'), job.settings),
    validation: plainExamples(examples, inSplit('validation'), job.settings.classes),
  };
  const trained = await trainFrom(job.settings, await readCut(job.input('probe')), sets, {
    weightsFolder: join(job.input('fetch'), 'weights'),
    cacheFolder: job.cacheFolder,
    size: examples.index,
    report: job.report,
    signal: job.signal,
  });
  const { json, bin } = writeGraph(trained.graph);
  await writeFileAtomic(join(job.folder, 'model', 'graph.json'), json);
  await writeFileAtomic(join(job.folder, 'model', 'graph.bin'), bin);
  const lines = trained.history.map((metrics) => `${JSON.stringify(metrics)}\n`);
  await writeFileAtomic(join(job.folder, 'history', 'history.jsonl'), lines.join(''));
  await writeFileAtomic(join(job.folder, 'history', 'summary.json'), canonicalJson({ bestEpoch: trained.bestEpoch }));
  job.say(describe(trained));
});

function describe({ backend, bestEpoch, history, features }: TrainedModel): string {
  const accuracy = history[bestEpoch - 1].valAccuracy;
  const score = accuracy === null ? '' : `, validation accuracy ${(accuracy * 100).toFixed(1)} %`;
  return [
    `back end ${backend.name} ${backend.version}: ${backend.reason}`,
    `${features.extracted} examples went through the frozen layers, ${features.reused} came from the cache`,
    `best epoch ${bestEpoch} of ${history.length}${score}`,
  ].join('\n');
}

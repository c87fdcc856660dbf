import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { compile, memoryOverLayers } from '@graft/compiler';
import { openExamples } from '@graft/image';
import { printKModel, validateKModel, writeKModel } from '@graft/kmodel';
import type { CompileSettings } from '@graft/pipeline';
import { indicesWhere } from '../../shared/examples';
import { factsOf, predict } from '../../shared/measure';
import { readQuantized, readTrained } from '../../shared/networks';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<CompileSettings>('compile', async (job) => {
  const compilation = compile(await readQuantized(job));
  const { model } = compilation;
  const bytes = writeKModel(model);
  expectValid(bytes);
  await writeFileAtomic(join(job.folder, 'model', 'model.kmodel'), bytes);
  await writeFileAtomic(join(job.folder, 'model', 'model.kmodel.txt'), printKModel(model));

  const { graph } = await readTrained(job);
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  const predictions = await predict({
    examples,
    indices: indicesWhere(examples, (record) => record.split === 'test'),
    classes: job.settings.classes,
    graph,
    kmodel: bytes,
    report: job.report,
    signal: job.signal,
  });
  await writeFileAtomic(join(job.folder, 'measured', 'predictions.json'), canonicalJson(predictions));
  await writeFileAtomic(join(job.folder, 'measured', 'facts.json'), canonicalJson(factsOf(model, bytes)));
  await writeFileAtomic(join(job.folder, 'measured', 'memory.json'), canonicalJson(memoryOverLayers(compilation)));
});

/** The validator shares no code with the writer: a fault of one shows in the other before a board sees the file. */
function expectValid(kmodel: Uint8Array): void {
  const broken = validateKModel(kmodel).filter(({ severity }) => severity === 'error');
  if (broken.length > 0)
    throw new Error(`internal: the kmodel breaks its format: ${JSON.stringify(broken.slice(0, 3))}`);
}

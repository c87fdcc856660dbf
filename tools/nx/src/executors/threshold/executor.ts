import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import type { Report } from '@graft/foundation';
import { thresholdForUnknown, thresholdLines, thresholdWarnings, unknownLeftOut } from '@graft/evaluation';
import { openExamples } from '@graft/image';
import type { Examples } from '@graft/image';
import type { ThresholdSettings } from '@graft/pipeline';
import { tellWarnings } from '../../shared/diagnostics';
import { indicesWhere, planes } from '../../shared/examples';
import { readMeasured } from '../../shared/measured';
import { simulateAll } from '../../shared/simulate';
import { stageExecutor } from '../../shared/stage-executor';
import type { StageJob } from '../../shared/stage-executor';
import { THRESHOLD_FILE } from '../../shared/threshold';
import { withUnknownPictures } from '../../shared/unknown-pictures';

export default stageExecutor<ThresholdSettings>('threshold', async (job) => {
  const { settings } = job;
  const found = settings === null ? null : await choose({ ...job, settings });
  await writeFileAtomic(join(job.folder, THRESHOLD_FILE), canonicalJson(found));
  if (found === null) job.say('no threshold is asked for (evaluate.unknown)');
});

type Job = StageJob<NonNullable<ThresholdSettings>>;

async function choose(job: Job) {
  const { settings, report, signal } = job;
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  try {
    const kmodel = await readFile(join(job.input('compile'), 'model', 'model.kmodel'));
    const answers = answersOf(kmodel, report, signal);
    const indices = indicesWhere(examples, ({ split }) => split === 'validation');
    const device = await answers(examples, indices);
    const validation = indices.map((index, at) => ({
      label: settings.classes.indexOf(examples.index.examples[index].label),
      device: device[at],
    }));
    const { predictions: test } = await readMeasured(job.input('compile'));
    const unknown = await withUnknownPictures(
      { ...job, fetched: join(job.input('fetch'), 'unknown'), ofClasses: contentsOf(examples) },
      async ({ examples: pictures, leftOut }) => {
        if (leftOut.length > 0) tellWarnings([unknownLeftOut(leftOut)], report);
        const on = (side: string) =>
          pictures === null
            ? []
            : answers(
                pictures,
                indicesWhere(pictures, ({ split }) => split === side),
              );
        return { choosing: await on('validation'), measuring: await on('test') };
      },
    );
    const { falseAccept, confidence } = settings;
    const found = thresholdForUnknown({ falseAccept, confidence, validation, test, unknown });
    thresholdLines(found).forEach(job.say);
    tellWarnings(thresholdWarnings(found), report);
    return found;
  } finally {
    examples.close();
  }
}

/** What the chip answers to some examples. */
function answersOf(kmodel: Uint8Array, report: Report, signal: AbortSignal) {
  return async (examples: Examples, indices: readonly number[]): Promise<number[][]> => {
    const outputs = await simulateAll({
      kmodel,
      count: indices.length,
      planes: (at) => planes(examples, indices[at]),
      report,
      signal,
    });
    return outputs.map((output) => Array.from(output));
  };
}

/** SHA-256 of the files that the examples were made of. */
function contentsOf({ index }: Examples): Set<string> {
  return new Set(index.examples.map(({ id }) => id.split('#')[0]));
}

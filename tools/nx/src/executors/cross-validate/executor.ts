import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { compile } from '@graft/compiler';
import { crossValidationFolds } from '@graft/dataset';
import { evaluatePredictions, renderMetrics, renderReport, summaryLines } from '@graft/evaluation';
import type { ModelFacts, Prediction } from '@graft/evaluation';
import { openExamples } from '@graft/image';
import type { Examples } from '@graft/image';
import { writeKModel } from '@graft/kmodel';
import type { CrossValidateSettings } from '@graft/pipeline';
import { quantizeGraph } from '@graft/quantization';
import { raise } from '../../shared/diagnostics';
import { calibrationPictures } from '../../shared/calibration';
import { indicesWhere, plainExamples, trainingExamples } from '../../shared/examples';
import { factsOf, predict } from '../../shared/measure';
import { stageExecutor } from '../../shared/stage-executor';
import type { StageJob } from '../../shared/stage-executor';
import { trainFrom } from '../../shared/training';

type Job = StageJob<CrossValidateSettings>;

export default stageExecutor<CrossValidateSettings>('cross-validate', async (job) => {
  const { name, labels, confidence } = job.settings;
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  const foldOf = foldsOf(examples, job);
  const predictions: Prediction[] = [];
  let facts: ModelFacts | null = null;
  for (let fold = 0; fold < job.settings.folds; fold++) {
    const result = await runFold(job, { examples, foldOf, fold });
    predictions.push(...result.predictions);
    facts = result.facts;
    const metrics = evaluatePredictions(result.predictions, { classes: labels, confidence });
    job.say(
      `fold ${fold + 1} of ${job.settings.folds}: float ${percent(metrics.floatAccuracy.value)}, device ${percent(metrics.deviceAccuracy.value)}`,
    );
  }
  if (facts === null) throw new Error('internal: cross-validation without a fold');
  const metrics = evaluatePredictions(predictions, { classes: labels, confidence });
  await writeFileAtomic(join(job.folder, 'metrics.json'), renderMetrics(metrics));
  await writeFileAtomic(join(job.folder, 'predictions.json'), canonicalJson(predictions));
  await writeFileAtomic(
    join(job.folder, 'report.md'),
    renderReport(metrics, { name: `${name}, ${job.settings.folds}-fold`, ...facts }),
  );
  summaryLines(metrics, facts).forEach(job.say);
});

interface Fold {
  readonly examples: Examples;
  readonly foldOf: ReadonlyMap<string, number>;
  readonly fold: number;
}

/** Trains without this fold and measures on it; the next fold decides which epoch is the best. */
async function runFold(
  job: Job,
  { examples, foldOf, fold }: Fold,
): Promise<{ predictions: Prediction[]; facts: ModelFacts }> {
  const { settings, report, signal } = job;
  const next = (fold + 1) % settings.folds;
  const inFold = (wanted: (fold: number) => boolean): number[] =>
    indicesWhere(examples, (record) => wanted(foldOf.get(record.group) ?? -1));
  const learned = inFold((other) => other !== fold && other !== next);
  const sets = {
    training: trainingExamples(examples, learned, settings),
    validation: plainExamples(
      examples,
      inFold((other) => other === next),
      settings.classes,
    ),
  };
  const { graph } = await trainFrom(settings, sets, {
    weightsFolder: join(job.input('fetch'), 'weights'),
    cacheFolder: job.cacheFolder,
    size: examples.index,
    report,
    signal,
  });
  const { calibration, biasCorrection } = settings.quantize;
  const quantized = await quantizeGraph(graph, {
    calibration: calibrationPictures(examples, learned, calibration.samples, settings.seed),
    method: calibration.method,
    percentile: calibration.percentile,
    biasCorrection,
    report,
    signal,
  });
  const { model } = compile(quantized.graph);
  const kmodel = writeKModel(model);
  const indices = inFold((other) => other === fold);
  const predictions = await predict({ examples, indices, classes: settings.classes, graph, kmodel, report, signal });
  return { predictions, facts: factsOf(model, kmodel) };
}

function foldsOf(examples: Examples, { settings: { folds, seed }, report }: Job): ReadonlyMap<string, number> {
  const groups = new Map(examples.index.examples.map(({ group, label }) => [group, label]));
  const dealt = crossValidationFolds(
    [...groups].map(([group, label]) => ({ group, label })),
    folds,
    seed,
  );
  raise(dealt.diagnostics, report);
  return dealt.folds;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

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
import { raise } from '../../shared/diagnostics';
import { chooseCut } from '../../shared/choose-cut';
import { plainExamples, trainingExamples } from '../../shared/examples';
import { factsOf, predict } from '../../shared/measure';
import { describeAwareTraining, quantizeFrom } from '../../shared/quantizing';
import { stageExecutor } from '../../shared/stage-executor';
import type { StageJob } from '../../shared/stage-executor';
import { trainFrom } from '../../shared/training';
import { foldParts } from './fold-parts';
import type { FoldParts } from './fold-parts';

type Job = StageJob<CrossValidateSettings>;

export default stageExecutor<CrossValidateSettings>('cross-validate', async (job) => {
  const { name, folds, labels, confidence } = job.settings;
  const { earlyStopping, checkpoint } = job.settings.train;
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  const foldOf = foldsOf(examples, job);
  const { awareTraining } = job.settings.quantize;
  const watched = earlyStopping !== null || checkpoint !== null || awareTraining !== null;
  const plan = { foldOf, folds, watched };
  const predictions: Prediction[] = [];
  let facts: ModelFacts | null = null;
  for (let fold = 0; fold < folds; fold++) {
    const parts = foldParts(examples.index.examples, fold, plan);
    job.say(`fold ${fold + 1} of ${folds}: ${describe(parts)}`);
    const result = await runFold(job, examples, parts);
    predictions.push(...result.predictions);
    facts = result.facts;
    const { floatAccuracy, deviceAccuracy } = evaluatePredictions(result.predictions, { classes: labels, confidence });
    job.say(
      `fold ${fold + 1} of ${folds}: float ${percent(floatAccuracy.value)}, device ${percent(deviceAccuracy.value)}`,
    );
  }
  if (facts === null) throw new Error('internal: cross-validation without a fold');
  const metrics = evaluatePredictions(predictions, { classes: labels, confidence });
  await writeFileAtomic(join(job.folder, 'metrics.json'), renderMetrics(metrics, facts));
  await writeFileAtomic(join(job.folder, 'predictions.json'), canonicalJson(predictions));
  await writeFileAtomic(
    join(job.folder, 'report.md'),
    renderReport(metrics, { name: `${name}, ${folds}-fold`, ...facts }),
  );
  summaryLines(metrics, facts).forEach(job.say);
});

/** Trains, calibrates and compiles without the tested pictures, and measures on them. */
async function runFold(
  job: Job,
  examples: Examples,
  { learned, validation, tested }: FoldParts,
): Promise<{ predictions: Prediction[]; facts: ModelFacts }> {
  const { settings, report, signal } = job;
  const sets = {
    training: trainingExamples(examples, learned, settings),
    validation: plainExamples(examples, validation, settings.classes),
  };
  // What the frozen layers answer to a picture is the same in every fold; the cache hands it on from one to the next.
  const weightsFolder = join(job.input('fetch'), 'weights');
  const surroundings = { weightsFolder, cacheFolder: job.cacheFolder, size: examples.index, report, signal };
  // Chosen anew in each fold: a cut that the tested pictures had chosen would flatter them.
  const { output } = await chooseCut(settings.cut, examples, learned, surroundings);
  if (settings.cut.search !== null) job.say(`the backbone ends with ${output}`);
  const { graph } = await trainFrom(settings, output, sets, surroundings);
  const quantized = await quantizeFrom(settings, { examples, learned, validation }, graph, job);
  const trainedAware = describeAwareTraining(quantized);
  if (trainedAware !== null) job.say(trainedAware);
  const { model } = compile(quantized.graph);
  const kmodel = writeKModel(model);
  const predictions = await predict({
    examples,
    indices: tested,
    classes: settings.classes,
    graph,
    kmodel,
    report,
    signal,
  });
  return { predictions, facts: factsOf(model, kmodel) };
}

/** Group to fold, for all pictures but those that the experiment keeps for its final score. */
function foldsOf(
  examples: Examples,
  { settings: { folds, seed, testIsHeldOut }, report }: Job,
): ReadonlyMap<string, number> {
  const dealtOut = examples.index.examples.filter(({ split }) => !testIsHeldOut || split !== 'test');
  const dealt = crossValidationFolds(dealtOut, folds, seed);
  raise(dealt.diagnostics, report);
  return dealt.folds;
}

function describe({ learned, validation, tested }: FoldParts): string {
  const watching = validation.length === 0 ? '' : `, watching ${validation.length}`;
  return `learning from ${learned.length} examples${watching}, testing on ${tested.length}`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

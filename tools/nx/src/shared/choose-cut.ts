import { crossValidationFolds } from '@graft/dataset';
import type { Report } from '@graft/foundation';
import type { ExampleRecord, Examples } from '@graft/image';
import type { ProbeSettings } from '@graft/pipeline';
import { probeCuts, usualCut } from '@graft/training';
import type { CutComparison, ProbeExample } from '@graft/training';
import { drawFromEachClass } from './draw-pictures';
import { plainExamples } from './examples';
import { featureCacheIn, readWeights } from './training';
import { trainingThreads } from './training-threads';

/** More pictures would narrow the error bars by little, and take long. */
const MOST_PICTURES = 1000;
const MOST_FOLDS = 5;
/** One deal of so few pictures decides much by luck. */
const DEALS = 3;

export interface ProbeSurroundings {
  readonly weightsFolder: string;
  readonly cacheFolder: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface CutChoice {
  /** Keras name of the last backbone layer kept. */
  readonly output: string;
  /** Null where there was nothing to compare. */
  readonly comparison: CutComparison | null;
}

type Search = NonNullable<ProbeSettings['search']>;

/** Where the backbone ends. @param indices the pictures that may decide: of the training part only */
export async function chooseCut(
  settings: ProbeSettings,
  examples: Examples,
  indices: readonly number[],
  surroundings: ProbeSurroundings,
): Promise<CutChoice> {
  const { output, search } = settings;
  if (search === null) return { output, comparison: null };
  const { cuts, seed, classes, weights, alpha, normalize, pooling } = search;
  if (cuts.length === 1) return { output: cuts[0].output, comparison: null };
  const drawn = drawFromEachClass(examples, indices, MOST_PICTURES, `probe ${seed}`);
  const records = drawn.map((index) => examples.index.examples[index]);
  const folds = Math.min(MOST_FOLDS, leastGroups(records, classes));
  if (folds < 2) return { output: usualCut(cuts, weights, surroundings.report), comparison: null };
  const { weightsFolder, cacheFolder, report, signal } = surroundings;
  const comparison = await probeCuts({
    ...{ alpha, pooling, seed, classes: classes.length, encoding: normalize, candidates: cuts, report, signal },
    weights: await readWeights(weights, weightsFolder),
    input: examples.index,
    examples: foldedExamples(examples, drawn, folds, search),
    featureCache: featureCacheIn(cacheFolder),
    threads: trainingThreads(),
  });
  const chosen = comparison.cuts.find((cut) => cut.chosen);
  if (chosen === undefined) throw new Error('internal: no cut was chosen');
  return { output: chosen.output, comparison };
}

/** As they were preprocessed: copies drawn anew would make few pictures look like many. */
function foldedExamples(
  examples: Examples,
  indices: readonly number[],
  folds: number,
  { seed, classes }: Search,
): ProbeExample[] {
  const records = indices.map((index) => examples.index.examples[index]);
  const deals = Array.from({ length: DEALS }, (_, deal) => crossValidationFolds(records, folds, seed + deal).folds);
  return plainExamples(examples, indices, classes).map((example, position) => {
    const { group } = records[position];
    return { ...example, group, folds: deals.map((deal) => deal.get(group) ?? 0) };
  });
}

/** Groups of the class that has fewest. */
function leastGroups(records: readonly ExampleRecord[], classes: readonly string[]): number {
  const counts = classes.map(
    (label) => new Set(records.filter((record) => record.label === label).map(({ group }) => group)).size,
  );
  return Math.min(...counts);
}

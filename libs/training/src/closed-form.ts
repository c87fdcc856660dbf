import { Random } from '@graft/foundation';
import type { DenseNode, Graph } from '@graft/model';

import type { EpochMetrics } from './epochs';
import { crossEntropy } from './loss';
import { nextTurn } from './next-turn';
import { certaintyOf, type Scored } from './probe/certainty';
import { ridge, scoresOf, type LinearProbe, type Sample } from './probe/ridge';
import type { TrainingExample } from './training-example';

export interface ClosedFormOptions {
  readonly penalty: number;
  readonly seed: number;
  readonly classes: { readonly count: number; readonly weights: readonly number[] };
  readonly labelSmoothing: number;
  readonly signal?: AbortSignal;
}

/** Examples with what the frozen layers answer to each, in the same order. */
export interface FeatureSet {
  readonly examples: readonly TrainingExample[];
  readonly features: readonly Float32Array[];
}

export interface Solved {
  /** [class][feature], one array. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  /** As after one epoch. */
  readonly metrics: EpochMetrics;
}

/** Parts into which the pictures are dealt to find out how certain the answers may be. */
const FOLDS = 5;

/**
 * The last layer by ridge regression, each example weighted by its class. Which class answers is decided by the regression alone; how
 * certain the softmax behind it sounds, by one factor on all scores, fitted to answers to pictures that were not learned from
 * (temperature scaling, Guo et al., "On calibration of modern neural networks", 2017).
 */
export async function solveLastLayer(
  training: FeatureSet,
  validation: FeatureSet,
  options: ClosedFormOptions,
): Promise<Solved> {
  const samples = samplesOf(training, options.classes.weights);
  const certainty = certaintyOf(await unseenScores(training.examples, samples, options));
  const { weights, bias } = ridge(samples, options.classes.count, options.penalty);
  const layer: LinearProbe = { weights: weights.map((w) => w * certainty), bias: bias.map((b) => b * certainty) };
  const [seen, checked] = [
    figures(layer, training, options, options.classes.weights),
    figures(layer, validation, options, null),
  ];
  return {
    weights: Float32Array.from(layer.weights),
    bias: Float32Array.from(layer.bias),
    metrics: {
      ...{ epoch: 1, phase: 'training', learningRate: 0, loss: seen?.loss ?? 0, accuracy: seen?.accuracy ?? 0 },
      ...{ valLoss: checked?.loss ?? null, valAccuracy: checked?.accuracy ?? null },
    },
  };
}

/** The graph with this last dense layer. */
export function withLastLayer(graph: Graph, { weights, bias }: Pick<Solved, 'weights' | 'bias'>): Graph {
  const last = graph.nodes.findLastIndex((node) => node.kind === 'dense');
  const nodes = graph.nodes.map((node, at) =>
    at === last && node.kind === 'dense' ? ({ ...node, weights, bias } satisfies DenseNode) : node,
  );
  return { ...graph, nodes };
}

function samplesOf({ examples, features }: FeatureSet, weights: readonly number[]): Sample[] {
  return examples.map(({ label }, index) => ({ label, features: features[index], weight: weights[label] }));
}

/** Scores of every example by a layer that has learned from other pictures; none where a class has but one picture. */
async function unseenScores(
  examples: readonly TrainingExample[],
  samples: readonly Sample[],
  { seed, classes, penalty, signal }: ClosedFormOptions,
): Promise<Scored[]> {
  const folds = foldsOf(examples, seed);
  const scored: Scored[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    await nextTurn(signal);
    const learned = samples.filter((_, index) => folds[index] !== fold);
    if (new Set(learned.map(({ label }) => label)).size < classes.count) continue;
    const layer = ridge(learned, classes.count, penalty);
    samples.forEach(({ features, label }, index) => {
      if (folds[index] === fold) scored.push({ scores: scoresOf(layer, features), label });
    });
  }
  return scored;
}

/** Copies of a picture are in one fold; each class is dealt evenly. */
function foldsOf(examples: readonly TrainingExample[], seed: number): number[] {
  const pictureOf = ({ picture, id }: TrainingExample): string => picture ?? id;
  const foldOf = new Map<string, number>();
  for (const label of new Set(examples.map((example) => example.label))) {
    const pictures = [...new Set(examples.filter((example) => example.label === label).map(pictureOf))].toSorted();
    const dealt = Random.of(seed, 'ridge folds', label).shuffled(pictures);
    dealt.forEach((picture, index) => foldOf.set(picture, index % FOLDS));
  }
  return examples.map((example) => foldOf.get(pictureOf(example)) ?? 0);
}

function figures(
  layer: LinearProbe,
  { examples, features }: FeatureSet,
  { classes, labelSmoothing }: ClosedFormOptions,
  weights: readonly number[] | null,
): { readonly loss: number; readonly accuracy: number } | null {
  if (examples.length === 0) return null;
  const scores = Float32Array.from(features.flatMap((row) => [...scoresOf(layer, row)]));
  const labels = examples.map(({ label }) => label);
  const own = weights === null ? null : labels.map((label) => weights[label]);
  const { loss, correct } = crossEntropy(scores, labels, own, { classes: classes.count, labelSmoothing });
  return { loss: loss / examples.length, accuracy: correct / examples.length };
}

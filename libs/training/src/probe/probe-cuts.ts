import { GraftError, type Report } from '@graft/foundation';
import {
  buildBackbone,
  MOBILENET_OUTPUTS,
  networkShape,
  type InputEncoding,
  type NamedWeights,
  type Pooling,
} from '@graft/model';

import { openBackend, type Backend } from '../backend';
import type { BackendChoice } from '../backend-identity';
import type { FeatureStore } from '../feature-store';
import { initialWeights } from '../initial-weights';
import type { Threads } from '../threads/threads';
import type { TrainingExample } from '../training-example';
import { chooseCut, effectiveCount, errorBar } from './choose-cut';
import { crossValidatedAnswers } from './cross-validate';
import { cutFeatures } from './cut-features';

/** A place where the backbone may end, and what the network then is on the board. */
export interface CutCandidate {
  /** Keras name of the last layer kept. */
  readonly output: string;
  readonly kmodelBytes: number;
  /** Estimated time of a picture on the chip. */
  readonly estimatedMs: number;
}

export interface ProbedCut extends CutCandidate {
  /** Share of right answers of the probe, over all deals. */
  readonly accuracy: number;
  /** One standard error to both sides. */
  readonly low: number;
  readonly high: number;
  readonly chosen: boolean;
}

export interface CutComparison {
  readonly cuts: readonly ProbedCut[];
  readonly pictures: number;
  /** Independent trials that they count as; see `effectiveCount`. */
  readonly trials: number;
  readonly extracted: number;
  readonly reused: number;
  readonly backend: Backend;
}

export interface ProbeExample extends TrainingExample {
  /** Pictures that resemble each other. They are in one fold of every deal. */
  readonly group: string;
  /** Its fold in each deal; all examples have equally many. At least two folds, each class in at least two of them. */
  readonly folds: readonly number[];
}

export interface ProbeOptions {
  readonly alpha: number;
  /** Of the backbone; null: drawn from the seed. */
  readonly weights: NamedWeights | null;
  readonly seed: number;
  readonly classes: number;
  readonly input: { readonly height: number; readonly width: number };
  readonly encoding: InputEncoding;
  /** What the networks that are compared make of their last map. */
  readonly pooling: Pooling;
  /** From the front to the back; at least one. */
  readonly candidates: readonly CutCandidate[];
  readonly examples: readonly ProbeExample[];
  readonly featureCache: FeatureStore;
  readonly backend?: BackendChoice;
  readonly threads?: Threads;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** Of the standardized features' mean square error; measured to be about right for dozens to hundreds of pictures. */
const PENALTY = 0.1;

/**
 * Compares cuts of the backbone by linear probes on their pooled maps (G. Alain and Y. Bengio, "Understanding
 * intermediate layers using linear classifier probes", 2016), cross-validated, and marks the smallest network within one
 * standard error of the best. @throws GraftError E602, E613
 */
export async function probeCuts(options: ProbeOptions): Promise<CutComparison> {
  const { candidates, classes, report, signal } = options;
  const examples = options.examples.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const backend = await openBackend(options.backend);
  // All cuts that the picture's size allows, whatever fits the board: so the features stay valid when head or board change.
  const cuts = MOBILENET_OUTPUTS.filter((output) => hasShape(options, output));
  const features = await cutFeatures(examples, {
    ...options,
    backbone: backboneOf(options, cuts[cuts.length - 1]),
    cuts,
    backend: `${backend.name}-${backend.version}`,
  });
  const accuracies: number[] = [];
  for (const { output } of candidates) {
    const rows = features.byCut[cuts.indexOf(output)];
    const deals = examples[0].folds.map((_, deal) =>
      examples.map(({ label, folds }, index) => ({ label, features: rows[index], fold: folds[deal] })),
    );
    let right = 0;
    for (const samples of deals)
      right += (await crossValidatedAnswers(samples, classes, PENALTY, signal)).filter(Boolean).length;
    accuracies.push(right / (examples.length * deals.length));
    const done = accuracies.length;
    report({ type: 'progress', task: 'probing cuts', done, total: candidates.length, unit: 'candidate' });
  }
  const trials = effectiveCount(examples.map(({ group }) => group));
  const scored = candidates.map((candidate, index) => ({ ...candidate, accuracy: accuracies[index] }));
  const chosen = chooseCut(scored, trials);
  return {
    cuts: scored.map((cut, index) => ({ ...cut, ...errorBar(cut.accuracy, trials), chosen: index === chosen })),
    ...{ pictures: examples.length, trials, backend },
    ...{ extracted: features.extracted, reused: features.reused },
  };
}

function configOf({ alpha, input, encoding, pooling, classes }: ProbeOptions, output: string) {
  return { alpha, output, input, encoding, pooling, head: [], classes };
}

function hasShape(options: ProbeOptions, output: string): boolean {
  try {
    return networkShape(configOf(options, output)).length > 0;
  } catch (error) {
    // A map of uneven size cannot be halved; cuts before it can still be taken.
    if (error instanceof GraftError && error.code === 'E605') return false;
    throw error;
  }
}

function backboneOf(options: ProbeOptions, output: string) {
  const config = configOf(options, output);
  return buildBackbone(config, initialWeights(config, options.weights, options.seed));
}

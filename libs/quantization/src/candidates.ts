import type { Graph } from '@graft/model';

import { chooseRange } from './choose-range';
import type { Work } from './measure-ranges';
import type { Quantized, Recipe } from './quantize-layers';
import type { RangeObserver } from './range-observer';
import { runTasks } from './run-tasks';
import type { QuantizationTask } from './tasks';

/** A recipe that was tried, with what it did to calibration pictures. */
export interface Candidate {
  readonly name: string;
  readonly recipe: Recipe;
  /** Pictures that were judged; they took no part in correcting biases, unless there are no others. */
  readonly pictures: number;
  /** Share answered right by the float network and by the bytes (against the float network's answers without labels). */
  readonly floatAccuracy: number;
  readonly deviceAccuracy: number;
  /** Root mean square of the differences of the values before softmax. */
  readonly logitError: number;
  readonly chosen: boolean;
}

/** Calibration pictures of which candidates are judged. */
const JUDGED_PICTURES = 24;

/**
 * The recipes worth trying, most plain first. Ranges that come out alike for every layer are tried once: with ReLU6 and
 * pictures enough, nearly every layer ends at 6 by any method.
 */
export function candidateRecipes(
  observers: readonly RangeObserver[],
  { percentile, biasCorrection }: Pick<Recipe, 'percentile' | 'biasCorrection'>,
): readonly Recipe[] {
  const plain = { percentile, biasCorrection, roundingSearch: false, channelScales: false };
  const searched = { ...plain, roundingSearch: true };
  const recipes: Recipe[] = [
    { ...plain, method: 'minmax' },
    { ...searched, method: 'minmax' },
    { ...searched, method: 'mse' },
    { ...searched, method: 'percentile' },
    { ...searched, method: 'minmax', channelScales: true },
  ];
  const keys = recipes.map(({ method, roundingSearch, channelScales }) =>
    JSON.stringify([roundingSearch, channelScales, observers.map((one) => chooseRange(one, method, percentile))]),
  );
  return recipes.filter((_, index) => keys.indexOf(keys[index]) === index);
}

export function nameOf({ method, roundingSearch, channelScales }: Recipe): string {
  return [method, ...(roundingSearch ? ['rounding search'] : []), ...(channelScales ? ['channel scales'] : [])].join(
    ', ',
  );
}

/** What candidates are judged by. */
export interface Judged {
  readonly calibration: readonly Uint8Array[];
  /** The float network's, one per calibration picture. */
  readonly logits: readonly Float32Array[];
  readonly labels?: readonly number[] | undefined;
  /** Places of the pictures that biases are corrected on. */
  readonly correction: readonly number[];
}

/**
 * Quantizes by every recipe and keeps the one that costs the least accuracy against the float network on pictures of the
 * calibration; among equals the one with the smallest logit error. An accuracy above the float network's is chance and
 * counts as no loss.
 */
export async function chooseCandidate(
  {
    graph,
    observers,
    pictures,
  }: { graph: Graph; observers: readonly RangeObserver[]; pictures: readonly Uint8Array[] },
  recipes: readonly Recipe[],
  judged: Judged,
  { tasks, report, signal }: Work,
): Promise<Quantized & { readonly recipe: Recipe; readonly candidates: readonly Candidate[] }> {
  const places = judgedPlaces(judged);
  const ranges = observers.map((observer) => observer.record());
  const judgedPictures = places.map((place) => judged.calibration[place]);
  const pieces = recipes.map((recipe): QuantizationTask => ({
    kind: 'try',
    graph,
    ranges,
    correction: pictures,
    recipe,
    pictures: judgedPictures,
  }));
  const tried: { quantized: Quantized; figures: Omit<Candidate, 'chosen'> }[] = [];
  let done = 0;
  await runTasks(pieces, tasks, signal, ({ quantized, logits }, index) => {
    if (quantized === undefined) throw new Error('internal: a recipe was tried without a result');
    tried[index] = { quantized, figures: figuresOf(recipes[index], logits, places, judged) };
    report({ type: 'progress', task: 'trying recipes', done: ++done, total: recipes.length, unit: 'candidate' });
  });
  const best = tried.reduce((a, b) => (isBetter(b.figures, a.figures) ? b : a));
  return {
    ...best.quantized,
    recipe: best.figures.recipe,
    candidates: tried.map(({ figures }) => ({ ...figures, chosen: figures === best.figures })),
  };
}

function isBetter(a: Omit<Candidate, 'chosen'>, b: Omit<Candidate, 'chosen'>): boolean {
  const lossOf = (one: typeof a): number => Math.max(0, one.floatAccuracy - one.deviceAccuracy);
  return lossOf(a) === lossOf(b) ? a.logitError < b.logitError : lossOf(a) < lossOf(b);
}

function figuresOf(
  recipe: Recipe,
  device: readonly Float32Array[],
  places: readonly number[],
  { logits, labels }: Judged,
): Omit<Candidate, 'chosen'> {
  const float = places.map((place) => logits[place]);
  const truths = places.map((place, index) => labels?.[place] ?? answerOf(float[index]));
  const share = (answers: readonly Float32Array[]): number =>
    answers.filter((scores, index) => answerOf(scores) === truths[index]).length / answers.length;
  return {
    name: nameOf(recipe),
    recipe,
    pictures: places.length,
    floatAccuracy: share(float),
    deviceAccuracy: share(device),
    logitError: rootMeanSquare(float, device),
  };
}

/** Places of pictures that did not take part in the correction, spread over all; every place where there is no other. */
export function judgedPlaces({ calibration, correction }: Judged): number[] {
  const all = calibration.map((_, place) => place);
  const others = all.filter((place) => !correction.includes(place));
  const from = others.length === 0 ? all : others;
  const count = Math.min(JUDGED_PICTURES, from.length);
  return Array.from({ length: count }, (_, index) => from[Math.floor((index * from.length) / count)]);
}

export function answerOf(scores: Float32Array): number {
  return scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
}

export function rootMeanSquare(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let sum = 0;
  let count = 0;
  a.forEach((scores, picture) =>
    scores.forEach((score, index) => {
      sum += (score - b[picture][index]) ** 2;
      count++;
    }),
  );
  return Math.sqrt(sum / count);
}

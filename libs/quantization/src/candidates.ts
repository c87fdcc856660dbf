import { silent } from '@graft/foundation';

import { chooseRange } from './choose-range';
import { evenlySpread } from './evenly-spread';
import { inPieces } from './measure-ranges';
import type { Work } from './measure-ranges';
import { quantizeInSteps } from './quantize-in-steps';
import type { MeasuredNetwork, Recipe } from './quantize-layers';
import type { RangeObserver } from './range-observer';
import { runTasks } from './run-tasks';

/** A recipe that was tried, with what it did to calibration pictures. */
export interface Candidate {
  readonly name: string;
  readonly recipe: Recipe;
  /** Pictures that were judged; they took no part in the fit, unless there are no others. */
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
  const plain = { percentile, biasCorrection, roundingSearch: false, channelScales: 'auto' } as const;
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
  return [
    method,
    ...(roundingSearch ? ['rounding search'] : []),
    ...(channelScales === true ? ['channel scales'] : []),
  ].join(', ');
}

/** What candidates are judged by. */
export interface Judged {
  readonly calibration: readonly Uint8Array[];
  /** The float network's, one per calibration picture. */
  readonly logits: readonly Float32Array[];
  readonly labels?: readonly number[] | undefined;
  /** Places of the pictures that biases are corrected and roundings searched on. */
  readonly correction: readonly number[];
}

/**
 * Quantizes by every recipe and finds the one that costs the least accuracy against the float network on pictures of the
 * calibration that were kept out of it; among equals the one with the smallest logit error. An accuracy above the float
 * network's is chance and counts as no loss.
 */
export async function tryRecipes(
  network: MeasuredNetwork,
  recipes: readonly Recipe[],
  judged: Judged,
  work: Work,
): Promise<{ readonly recipe: Recipe; readonly candidates: readonly Candidate[] }> {
  const places = heldOutPlaces(judged.calibration.length);
  const pictures = inPieces(places.map((place) => judged.calibration[place]));
  const rest = without(network, judged.correction, places);
  const tried: Omit<Candidate, 'chosen'>[] = [];
  for (const recipe of recipes) {
    const { graph } = await quantizeInSteps(rest, recipe, { ...work, report: silent });
    const logits: (readonly Float32Array[])[] = [];
    const tasks = pictures.map((piece) => ({ kind: 'answer', graph, pictures: piece }) as const);
    await runTasks(tasks, work.tasks, work.signal, (result, index) => (logits[index] = result.logits));
    tried.push(figuresOf(recipe, logits.flat(), places, judged));
    const [done, total] = [tried.length, recipes.length];
    work.report({ type: 'progress', task: 'trying recipes', done, total, unit: 'candidate' });
  }
  const best = tried.reduce((a, b) => (isBetter(b, a) ? b : a));
  return { recipe: best.recipe, candidates: tried.map((one) => ({ ...one, chosen: one === best })) };
}

/** The network without the pictures that are judged, unless none would be left. */
function without(network: MeasuredNetwork, places: readonly number[], judged: readonly number[]): MeasuredNetwork {
  const kept = [...places.keys()].filter((at) => !judged.includes(places[at]));
  if (kept.length === 0) return network;
  return {
    ...network,
    pictures: kept.map((at) => network.pictures[at]),
    samples: kept.map((at) => network.samples[at]),
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

/** Places of pictures to hold out while recipes are tried: three of five and at most 24, spread over all. */
const heldOutPlaces = (count: number): number[] =>
  evenlySpread(count, Math.min(JUDGED_PICTURES, Math.ceil(0.6 * count)));

/** Places of pictures that did not take part in the correction, spread over all; of any, where there is no other. */
export function judgedPlaces({ calibration, correction }: Judged): number[] {
  const all = calibration.map((_, place) => place);
  const others = all.filter((place) => !correction.includes(place));
  const from = others.length === 0 ? all : others;
  return evenlySpread(from.length, JUDGED_PICTURES).map((index) => from[index]);
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

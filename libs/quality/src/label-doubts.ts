import { compareText, crossValidationFolds } from '@graft/dataset';
import type { PictureRecord } from '@graft/dataset';
import type { PictureTraits } from '@graft/image';
import { describeMiniature } from './descriptor';
import { addExample, emptyMoments, solveRidge } from './ridge';

export interface LabelDoubt {
  readonly record: PictureRecord;
  /** The class that it looks like, by key. */
  readonly looksLike: string;
}

/** A picture to be judged, and what has to stay with it: a look-alike with the same wrong label would vouch for it. */
export interface LabelledPicture {
  readonly record: PictureRecord;
  readonly traits: PictureTraits;
  readonly group: string;
}

export interface LabelDoubts {
  /** Share of right answers, the mean over the classes; null where there are too few pictures to tell. */
  readonly accuracy: number | null;
  /** Empty where the classes cannot be told apart well enough; strongest first. */
  readonly doubts: readonly LabelDoubt[];
}

const FOLDS = 5;

/** With fewer groups in a class its own variety is unknown. */
const LEAST_GROUPS = 10;

/** A classifier that errs more often has no say. */
const LEAST_ACCURACY = 0.8;

/** Answers aim at +1 for a picture's own class and −1 for others. Tuned on planted errors, see docs/datasets.md. */
const LEAST_LEAD = 1;

const PENALTY = 1;

/**
 * Doubts labels by cross-validation: a ridge regression on a fixed description of each picture answers for every fifth of
 * the pictures after learning from the others. Classes count alike, whatever their sizes.
 */
export function doubtLabels(pictures: readonly LabelledPicture[]): LabelDoubts {
  const sorted = [...pictures].sort((a, b) => compareText(a.record.path, b.record.path));
  const labels = [...new Set(sorted.map(({ record }) => record.label))].sort(compareText);
  const groups = sorted.map(({ record, group }) => ({ group, label: record.label }));
  const fewest = Math.min(...labels.map((label) => new Set(groupsOf(groups, label)).size));
  if (labels.length < 2 || fewest < LEAST_GROUPS) return { accuracy: null, doubts: [] };
  const { folds } = crossValidationFolds(groups, FOLDS, 0);
  const answers = crossValidate(sorted, labels, (group) => folds.get(group) ?? 0);
  const accuracy = meanAccuracy(answers, labels);
  if (accuracy < LEAST_ACCURACY) return { accuracy, doubts: [] };
  const doubts = answers.filter(({ lead }) => lead >= LEAST_LEAD).sort((a, b) => b.lead - a.lead);
  return { accuracy, doubts: doubts.map(({ record, looksLike }) => ({ record, looksLike })) };
}

function groupsOf(groups: readonly { group: string; label: string }[], label: string): string[] {
  return groups.filter((one) => one.label === label).map(({ group }) => group);
}

interface Answer extends LabelDoubt {
  /** How far the best other class is ahead of the own one. */
  readonly lead: number;
}

function crossValidate(
  pictures: readonly LabelledPicture[],
  labels: readonly string[],
  foldOf: (group: string) => number,
): Answer[] {
  const sizes = new Map(labels.map((label) => [label, pictures.filter(({ record }) => record.label === label).length]));
  const examples = pictures.map(({ record, traits, group }) => ({
    record,
    fold: foldOf(group),
    numbers: describeMiniature(traits.miniature),
    targets: labels.map((label) => (label === record.label ? 1 : -1)),
    weight: pictures.length / (labels.length * (sizes.get(record.label) ?? 0)),
  }));
  const all = emptyMoments(examples[0].numbers.length, labels.length);
  for (const { numbers, targets, weight } of examples) addExample(all, numbers, targets, weight);
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const tested = examples.filter((example) => example.fold === fold);
    const learned = { ...all, gram: all.gram.slice(), cross: all.cross.slice() };
    for (const { numbers, targets, weight } of tested) addExample(learned, numbers, targets, -weight);
    const weights = solveRidge(learned, PENALTY);
    return tested.map(({ record, numbers }) =>
      answerOf(
        record,
        weights.map((row) => product(row, numbers)),
        labels,
      ),
    );
  });
}

function answerOf(record: PictureRecord, scores: readonly number[], labels: readonly string[]): Answer {
  const own = scores[labels.indexOf(record.label)];
  const others = labels
    .map((label, at) => ({ label, score: scores[at] }))
    .filter(({ label }) => label !== record.label);
  const best = others.reduce((one, other) => (other.score > one.score ? other : one));
  return { record, looksLike: best.label, lead: best.score - own };
}

function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, at) => sum + value * b[at], 0);
}

function meanAccuracy(answers: readonly Answer[], labels: readonly string[]): number {
  const shares = labels.map((label) => {
    const own = answers.filter(({ record }) => record.label === label);
    return own.filter(({ lead }) => lead < 0).length / own.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

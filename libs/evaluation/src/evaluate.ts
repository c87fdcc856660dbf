import { DiagnosticsError } from '@graft/foundation';
import { calibrationOf } from './calibration';
import { badConfidence, checkPredictions } from './check-predictions';
import { wilsonInterval } from './interval';
import type { Answers, ClassMetrics, Example, Metrics } from './metrics';
import type { PairedCounts } from './paired-interval';
import { answerOf, type Prediction } from './prediction';

export interface EvaluationOptions {
  /** The order is the output index. */
  readonly classes: readonly string[];
  /** 0.95: 95 % intervals. */
  readonly confidence: number;
  /** Longest list of examples; default 24. */
  readonly maxExamples?: number;
}

/**
 * Counts what both arithmetics answered. Order of the predictions does not matter.
 * @throws DiagnosticsError E701 … E703 when there is nothing to count or a prediction does not fit the classes.
 */
export function evaluatePredictions(predictions: readonly Prediction[], options: EvaluationOptions): Metrics {
  const problems = [...badConfidence(options.confidence), ...checkPredictions(predictions, options.classes)];
  if (problems.length > 0) throw new DiagnosticsError(problems);
  // Sums of floats depend on the order; a fixed one keeps the figures equal to the last bit.
  const ordered = [...predictions].sort((a, b) => compareText(a.id, b.id) || compareText(a.path, b.path));
  const count = ordered.length;
  const float = answersOf(ordered, options, (prediction) => prediction.float);
  const device = answersOf(ordered, options, (prediction) => prediction.device);
  const agreeing = ordered.filter((one) => answerOf(one.float) === answerOf(one.device)).length;
  return {
    count,
    classes: options.classes,
    confidence: options.confidence,
    floatAccuracy: float.accuracy,
    deviceAccuracy: device.accuracy,
    accuracyDrop: float.accuracy.value - device.accuracy.value,
    paired: pairedCounts(ordered),
    agreement: wilsonInterval(agreeing, count, options.confidence),
    float,
    device,
    probabilityDifference: differenceOf(ordered),
    worst: examples(ordered, options, (one) => answerOf(one.device) !== one.label),
    flips: examples(ordered, options, (one) => answerOf(one.device) !== answerOf(one.float)),
  };
}

function pairedCounts(predictions: readonly Prediction[]): PairedCounts {
  const count = (float: boolean, device: boolean): number =>
    predictions.filter(
      (one) => (answerOf(one.float) === one.label) === float && (answerOf(one.device) === one.label) === device,
    ).length;
  return {
    bothRight: count(true, true),
    firstOnly: count(true, false),
    secondOnly: count(false, true),
    neitherRight: count(false, false),
  };
}

function answersOf(
  predictions: readonly Prediction[],
  { classes, confidence }: EvaluationOptions,
  probabilities: (prediction: Prediction) => readonly number[],
): Answers {
  const confusion = classes.map(() => classes.map(() => 0));
  for (const prediction of predictions) confusion[prediction.label][answerOf(probabilities(prediction))] += 1;
  const right = confusion.reduce((sum, row, truth) => sum + row[truth], 0);
  return {
    accuracy: wilsonInterval(right, predictions.length, confidence),
    confusion,
    perClass: classes.map((name, index) => classMetrics(name, index, confusion)),
    calibration: calibrationOf(predictions.map((one) => ({ probabilities: probabilities(one), label: one.label }))),
  };
}

function classMetrics(name: string, index: number, confusion: readonly (readonly number[])[]): ClassMetrics {
  const right = confusion[index][index];
  const support = confusion[index].reduce((sum, count) => sum + count, 0);
  const answered = confusion.reduce((sum, row) => sum + row[index], 0);
  return {
    name,
    support,
    precision: share(right, answered),
    recall: share(right, support),
    // 2·P·R/(P + R) with the common factors cancelled: it stands also where one of the two does not.
    f1: share(2 * right, answered + support),
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function differenceOf(predictions: readonly Prediction[]): { mean: number; max: number } {
  let sum = 0;
  let max = 0;
  let values = 0;
  for (const { float, device } of predictions) {
    float.forEach((probability, index) => {
      const difference = Math.abs(device[index] - probability);
      sum += difference;
      max = Math.max(max, difference);
      values += 1;
    });
  }
  return { mean: sum / values, max };
}

function examples(
  ordered: readonly Prediction[],
  { classes, maxExamples = 24 }: EvaluationOptions,
  wanted: (prediction: Prediction) => boolean,
): Example[] {
  const found = ordered.filter(wanted).map((prediction) => exampleOf(prediction, classes));
  // The sort is stable, so equal confidences stay in order of id.
  return found.sort((a, b) => b.deviceConfidence - a.deviceConfidence).slice(0, maxExamples);
}

function exampleOf(prediction: Prediction, classes: readonly string[]): Example {
  const float = answerOf(prediction.float);
  const device = answerOf(prediction.device);
  return {
    id: prediction.id,
    path: prediction.path,
    truth: classes[prediction.label],
    floatAnswer: classes[float],
    floatConfidence: prediction.float[float],
    deviceAnswer: classes[device],
    deviceConfidence: prediction.device[device],
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import type { Diagnostic } from '@graft/foundation';
import { confidenceOutOfRange, nothingToEvaluate, predictionDoesNotFit } from './errors';
import type { Prediction } from './prediction';

/** Every prediction that cannot be counted, in the order given. */
export function checkPredictions(predictions: readonly Prediction[], classes: readonly string[]): Diagnostic[] {
  if (predictions.length === 0) return [nothingToEvaluate()];
  return predictions.flatMap((prediction) => {
    const reason = misfit(prediction, classes.length);
    return reason === null ? [] : [predictionDoesNotFit(prediction.path, reason)];
  });
}

export function badConfidence(confidence: number): Diagnostic[] {
  return confidence > 0 && confidence < 1 ? [] : [confidenceOutOfRange(confidence)];
}

function misfit({ label, float, device }: Prediction, classes: number): string | null {
  if (!(Number.isInteger(label) && label >= 0 && label < classes)) return `label ${label} of ${classes} classes`;
  if (float.length !== classes) return `${float.length} float probabilities for ${classes} classes`;
  if (device.length !== classes) return `${device.length} device probabilities for ${classes} classes`;
  if (![...float, ...device].every(Number.isFinite)) return 'a probability is not a finite number';
  return null;
}

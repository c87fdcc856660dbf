import type { Diagnostic } from '@graft/foundation';
import { accuracyDropTooLarge, agreementTooLow, deviceAccuracyTooLow, kmodelTooLarge } from './errors';
import type { ModelFacts } from './facts';
import { bytesText, percent, percentInterval, pointsText } from './format';
import type { Metrics } from './metrics';

/** Section `require` of an experiment; null: not required. Shares are 0 … 1. */
export interface Requirements {
  readonly minDeviceAccuracy: number | null;
  readonly maxAccuracyDrop: number | null;
  readonly minAgreement: number | null;
  readonly maxKmodelBytes: number | null;
}

/** Differences of shares carry rounding errors of this size; a measured 2 % must meet a required 2 %. */
const ROUNDING = 1e-12;

/** Every requirement that is not met. Empty: all are. */
export function checkRequirements(
  metrics: Metrics,
  facts: Pick<ModelFacts, 'kmodelBytes'>,
  wanted: Requirements,
): Diagnostic[] {
  const { deviceAccuracy, accuracyDrop, agreement, confidence } = metrics;
  const found: Diagnostic[] = [];
  if (wanted.minDeviceAccuracy !== null && deviceAccuracy.value < wanted.minDeviceAccuracy - ROUNDING) {
    const interval = `${percentInterval(confidence)} interval: ${percent(deviceAccuracy.low)} to ${percent(deviceAccuracy.high)}`;
    const measured = `${percent(deviceAccuracy.value)} (${deviceAccuracy.successes} of ${deviceAccuracy.total})`;
    found.push(deviceAccuracyTooLow(measured, percent(wanted.minDeviceAccuracy), interval));
  }
  if (wanted.maxAccuracyDrop !== null && accuracyDrop > wanted.maxAccuracyDrop + ROUNDING) {
    found.push(accuracyDropTooLarge(pointsText(accuracyDrop), pointsText(wanted.maxAccuracyDrop)));
  }
  if (wanted.minAgreement !== null && agreement.value < wanted.minAgreement - ROUNDING) {
    const measured = `${percent(agreement.value)} (${agreement.successes} of ${agreement.total})`;
    found.push(agreementTooLow(measured, percent(wanted.minAgreement)));
  }
  if (wanted.maxKmodelBytes !== null && facts.kmodelBytes > wanted.maxKmodelBytes) {
    found.push(kmodelTooLarge(bytesText(facts.kmodelBytes), bytesText(wanted.maxKmodelBytes)));
  }
  return found;
}

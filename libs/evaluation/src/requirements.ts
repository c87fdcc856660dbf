import type { Diagnostic } from '@graft/foundation';
import { accuracyDropTooLarge, agreementTooLow, deviceAccuracyTooLow, kmodelTooLarge, latencyTooHigh } from './errors';
import type { EstimatedSpeed, ModelFacts } from './facts';
import { bytesText, msText, percent, percentInterval, pointsText } from './format';
import type { Metrics } from './metrics';

/** Section `require` of an experiment; null: not required. Shares are 0 … 1. */
export interface Requirements {
  readonly minDeviceAccuracy: number | null;
  readonly maxAccuracyDrop: number | null;
  readonly minAgreement: number | null;
  readonly maxKmodelBytes: number | null;
  /** Of the estimate itself: neither end of its band. */
  readonly maxLatencyMs: number | null;
}

/** Differences of shares carry rounding errors of this size; a measured 2 % must meet a required 2 %. */
const ROUNDING = 1e-12;

/** Every requirement that is not met. Empty: all are. */
export function checkRequirements(
  metrics: Metrics,
  facts: Pick<ModelFacts, 'kmodelBytes' | 'speed'>,
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
  return [...found, ...checkKmodelSize(facts.kmodelBytes, wanted), ...checkLatency(facts.speed, wanted)];
}

/** Can be judged before there is a model: its size follows from the network alone. */
export function checkKmodelSize(
  kmodelBytes: number,
  { maxKmodelBytes }: Pick<Requirements, 'maxKmodelBytes'>,
): Diagnostic[] {
  if (maxKmodelBytes === null || kmodelBytes <= maxKmodelBytes) return [];
  return [kmodelTooLarge(bytesText(kmodelBytes), bytesText(maxKmodelBytes))];
}

/**
 * Can be judged before there is a model as well. The estimate counts, not the upper end of its
 * band: an upper end that is 40 % above would refuse networks whose published times meet the limit.
 */
export function checkLatency(
  speed: EstimatedSpeed,
  { maxLatencyMs }: Pick<Requirements, 'maxLatencyMs'>,
): Diagnostic[] {
  if (maxLatencyMs === null || speed.estimatedMs <= maxLatencyMs) return [];
  return [
    latencyTooHigh(
      msText(speed.estimatedMs),
      msText(maxLatencyMs),
      `${msText(speed.lowMs)} to ${msText(speed.highMs)}`,
    ),
  ];
}

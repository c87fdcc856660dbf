import type { Diagnostic } from '@graft/foundation';
import {
  accuracyDropTooLarge,
  agreementTooLow,
  deviceAccuracyTooLow,
  kmodelTooLarge,
  latencyTooHigh,
  strictBeyondReach,
  tooFewForStrict,
} from './errors';
import type { EstimatedSpeed, ModelFacts } from './facts';
import { bytesText, countOf, msText, percent, percentInterval, pointsText } from './format';
import { judgeGates, latencyGate, missingDrop, missingRight, picturesForShare, sizeGate } from './gates';
import type { Gate, GateName, Requirements } from './gates';
import type { Proportion } from './interval';
import type { Metrics } from './metrics';

/** Every requirement that is not met. Empty: all are. */
export function checkRequirements(
  metrics: Metrics,
  facts: Pick<ModelFacts, 'kmodelBytes' | 'speed'>,
  wanted: Requirements,
): Diagnostic[] {
  const failed = judgeGates(metrics, facts, wanted).filter(({ met }) => !met);
  return failed.map((gate) => complaintOf(gate, metrics, facts));
}

/** Can be judged before there is a model: its size follows from the network alone. */
export function checkKmodelSize(kmodelBytes: number, wanted: Pick<Requirements, 'maxKmodelBytes'>): Diagnostic[] {
  const gate = sizeGate(kmodelBytes, wanted);
  return gate === null || gate.met ? [] : [sizeComplaint(gate)];
}

/** Can be judged before there is a model as well. */
export function checkLatency(
  speed: EstimatedSpeed,
  wanted: Pick<Requirements, 'maxLatencyMs' | 'strict'>,
): Diagnostic[] {
  const gate = latencyGate(speed, wanted);
  return gate === null || gate.met ? [] : [latencyComplaint(gate, speed)];
}

/** How many test pictures a strict limit takes at the least, all of them answered right. */
export interface StrictNeed {
  readonly gate: GateName;
  readonly limit: number;
  /** Infinity: no number of pictures can show it. */
  readonly pictures: number;
}

/** Of the strict limits on shares that pictures are counted for. */
export function strictNeeds(wanted: Requirements, confidence: number): StrictNeed[] {
  const shares: readonly (readonly [GateName, number | null, (limit: number) => number])[] = [
    ['device_accuracy', wanted.minDeviceAccuracy, (limit) => limit],
    // Where the device is right in more pictures than float, fewer will do.
    ['accuracy_drop', wanted.maxAccuracyDrop, (limit) => 1 - limit],
    ['agreement', wanted.minAgreement, (limit) => limit],
  ];
  return shares.flatMap(([gate, limit, share]) =>
    limit !== null && wanted.strict.includes(gate)
      ? [{ gate, limit, pictures: picturesForShare(share(limit), confidence) }]
      : [],
  );
}

/**
 * Says before anything is trained which strict limits cannot be met.
 * @param testPictures null: not known yet, so that only those are told that no number of pictures can meet
 * @returns errors E740, warnings W741
 */
export function checkStrict(wanted: Requirements, confidence: number, testPictures: number | null): Diagnostic[] {
  return strictNeeds(wanted, confidence).flatMap(({ gate, limit, pictures }) => {
    const interval = percentInterval(confidence);
    if (pictures === Infinity)
      return gate === 'accuracy_drop' ? [] : [strictBeyondReach(gate, percent(limit), interval)];
    if (testPictures === null || testPictures >= pictures) return [];
    return [tooFewForStrict(gate, { limit: percent(limit), testPictures, pictures, interval })];
  });
}

function complaintOf(gate: Gate, metrics: Metrics, facts: Pick<ModelFacts, 'speed'>): Diagnostic {
  switch (gate.name) {
    case 'device_accuracy':
      return deviceAccuracyTooLow(shareText(metrics.deviceAccuracy), wantedText(gate), [
        intervalText(gate, metrics),
        shareShortfall(gate, metrics.deviceAccuracy, metrics),
      ]);
    case 'accuracy_drop':
      return accuracyDropTooLarge(pointsText(gate.measured), wantedText(gate), [
        intervalText(gate, metrics),
        dropShortfall(gate, metrics),
      ]);
    case 'agreement':
      return agreementTooLow(shareText(metrics.agreement), wantedText(gate), [
        intervalText(gate, metrics),
        shareShortfall(gate, metrics.agreement, metrics),
      ]);
    case 'kmodel_size':
      return sizeComplaint(gate);
    case 'latency':
      return latencyComplaint(gate, facts.speed);
  }
}

const sizeComplaint = ({ measured, limit }: Gate): Diagnostic => kmodelTooLarge(bytesText(measured), bytesText(limit));

function latencyComplaint({ limit, measured, strict }: Gate, { lowMs, highMs }: EstimatedSpeed): Diagnostic {
  return latencyTooHigh(msText(measured), `${msText(limit)}${strict ? ' at the slower end' : ''}`, [
    `not measured; from published figures, which leave ${msText(lowMs)} to ${msText(highMs)}`,
  ]);
}

const shareText = ({ value, successes, total }: Proportion): string => `${percent(value)} (${successes} of ${total})`;

function wantedText({ name, limit, strict }: Gate): string {
  const text = name === 'accuracy_drop' ? pointsText(limit) : percent(limit);
  if (!strict) return text;
  return `${text} at the ${name === 'accuracy_drop' ? 'upper' : 'lower'} end of the interval`;
}

function intervalText({ name, interval }: Gate, { confidence }: Metrics): string {
  const text = name === 'accuracy_drop' ? pointsText : percent;
  const [low, high] = interval ?? [NaN, NaN];
  return `${percentInterval(confidence)} interval: ${text(low)} to ${text(high)}`;
}

/** By how many pictures the limit was missed. */
function shareShortfall(gate: Gate, share: Proportion, { confidence }: Metrics): string {
  const what = gate.name === 'agreement' ? 'equal' : 'right';
  const missing = missingRight(gate, share, confidence);
  if (missing !== null)
    return `missed by ${countOf(missing, 'picture')}: ${share.successes + missing} of ${share.total} ${what} would do`;
  return `not even ${share.total} of ${share.total} ${what} would do: it takes at least ${picturesForShare(gate.limit, confidence)} test pictures`;
}

function dropShortfall(gate: Gate, { paired, confidence }: Metrics): string {
  const missing = missingDrop(gate, paired, confidence);
  if (missing !== null)
    return `missed by ${countOf(missing, 'picture')}: so many more the device would have to get right of the ${paired.firstOnly} that only float does`;
  const needed = picturesForShare(1 - gate.limit, confidence);
  return `not even equal answers to all test pictures would do: it takes at least ${needed} of them`;
}

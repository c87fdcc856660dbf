import type { EstimatedSpeed, ModelFacts } from './facts';
import { normalQuantile, wilsonInterval } from './interval';
import type { Metrics } from './metrics';
import { pairedInterval, type PairedCounts } from './paired-interval';

export type GateName = 'device_accuracy' | 'accuracy_drop' | 'agreement' | 'kmodel_size' | 'latency';

/** Section `require` of an experiment; null: not required. Shares are 0 … 1. */
export interface Requirements {
  readonly minDeviceAccuracy: number | null;
  readonly maxAccuracyDrop: number | null;
  readonly minAgreement: number | null;
  readonly maxKmodelBytes: number | null;
  readonly maxLatencyMs: number | null;
  /** Judged on the worse end of their interval; the others on the measured value. */
  readonly strict: readonly GateName[];
}

/** One limit, and what was held against it: shares 0 … 1, bytes or milliseconds. */
export interface Gate {
  readonly name: GateName;
  readonly limit: number;
  readonly measured: number;
  /** Of the measured value; null where it is exact. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly strict: boolean;
  readonly met: boolean;
}

/** Differences of shares carry rounding errors of this size; a measured 2 % must meet a required 2 %. */
const ROUNDING = 1e-12;

/** Whether at least as much, judged on the lower end where it is strict. */
export const reaches = (value: number, limit: number): boolean => value >= limit - ROUNDING;

/** Whether no more, judged on the upper end where it is strict. */
export const staysBelow = (value: number, limit: number): boolean => value <= limit + ROUNDING;

/** Every limit that is set, in the order of the section. */
export function judgeGates(
  metrics: Metrics,
  facts: Pick<ModelFacts, 'kmodelBytes' | 'speed'>,
  wanted: Requirements,
): Gate[] {
  const { deviceAccuracy, agreement, paired, confidence } = metrics;
  const drop = pairedInterval(paired, confidence);
  const found = [
    atLeast('device_accuracy', wanted, wanted.minDeviceAccuracy, deviceAccuracy),
    atMost('accuracy_drop', wanted, wanted.maxAccuracyDrop, { ...drop, value: metrics.accuracyDrop }),
    atLeast('agreement', wanted, wanted.minAgreement, agreement),
    sizeGate(facts.kmodelBytes, wanted),
    latencyGate(facts.speed, wanted),
  ];
  return found.filter((gate) => gate !== null);
}

/** The size follows from the network alone: it can be judged before there is a model. */
export function sizeGate(bytes: number, wanted: Pick<Requirements, 'maxKmodelBytes'>): Gate | null {
  if (wanted.maxKmodelBytes === null) return null;
  return {
    name: 'kmodel_size',
    limit: wanted.maxKmodelBytes,
    measured: bytes,
    interval: null,
    strict: false,
    met: bytes <= wanted.maxKmodelBytes,
  };
}

/**
 * Can be judged before there is a model as well. Unless it is strict, the estimate counts and not the upper end of its
 * band: an upper end that is 40 % above would refuse networks whose published times meet the limit.
 */
export function latencyGate(
  { estimatedMs, lowMs, highMs }: EstimatedSpeed,
  wanted: Pick<Requirements, 'maxLatencyMs' | 'strict'>,
): Gate | null {
  return atMost('latency', wanted, wanted.maxLatencyMs, { value: estimatedMs, low: lowMs, high: highMs });
}

interface Measured {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function atLeast(
  name: GateName,
  { strict }: Pick<Requirements, 'strict'>,
  limit: number | null,
  { value, low, high }: Measured,
): Gate | null {
  if (limit === null) return null;
  const isStrict = strict.includes(name);
  const met = reaches(isStrict ? low : value, limit);
  return { name, limit, measured: value, interval: [low, high], strict: isStrict, met };
}

function atMost(
  name: GateName,
  { strict }: Pick<Requirements, 'strict'>,
  limit: number | null,
  { value, low, high }: Measured,
): Gate | null {
  if (limit === null) return null;
  const isStrict = strict.includes(name);
  const met = staysBelow(isStrict ? high : value, limit);
  return { name, limit, measured: value, interval: [low, high], strict: isStrict, met };
}

/** Right answers that are missing until a share is met; null: all of the pictures would not be enough. */
export function missingRight(
  { limit, strict }: Pick<Gate, 'limit' | 'strict'>,
  { successes, total }: { readonly successes: number; readonly total: number },
  confidence: number,
): number | null {
  for (let right = successes; right <= total; right++) {
    const { value, low } = wilsonInterval(right, total, confidence);
    if (reaches(strict ? low : value, limit)) return right - successes;
  }
  return null;
}

/**
 * Pictures that the device would have to get right as well, of those that only float gets right, until a drop is
 * met; null: all of them would not be enough.
 */
export function missingDrop(
  { limit, strict }: Pick<Gate, 'limit' | 'strict'>,
  counts: PairedCounts,
  confidence: number,
): number | null {
  for (let mended = 0; mended <= counts.firstOnly; mended++) {
    const after = { ...counts, bothRight: counts.bothRight + mended, firstOnly: counts.firstOnly - mended };
    const { value, high } = pairedInterval(after, confidence);
    if (staysBelow(strict ? high : value, limit)) return mended;
  }
  return null;
}

/**
 * The smallest number of pictures with which the lower end of Wilson's interval can reach a share at all, all of them
 * being right: n/(n + z²) ≥ limit. For the upper end of a drop, with all right in both arithmetics, the limit is one
 * minus the drop. Infinity: no number will do.
 */
export function picturesForShare(limit: number, confidence: number): number {
  if (limit <= 0) return 1;
  if (limit >= 1) return Infinity;
  const z = normalQuantile((1 + confidence) / 2);
  const about = Math.max(1, Math.floor((z * z * limit) / (1 - limit)) - 1);
  const enough = [0, 1, 2, 3].find((more) =>
    reaches(wilsonInterval(about + more, about + more, confidence).low, limit),
  );
  if (enough === undefined) throw new Error(`internal: ${about} pictures are no bound for ${limit}`);
  return about + enough;
}

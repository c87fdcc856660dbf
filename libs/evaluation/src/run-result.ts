import type { EstimatedSpeed, ModelFacts } from './facts';
import type { Gate } from './gates';
import type { Metrics } from './metrics';
import { answerOf, type Prediction } from './prediction';

/** What a run is remembered by: counts, sizes, limits, and the answer to each test picture. */
export interface RunResult {
  /** Class keys; the order is the output index of `answers`. */
  readonly classes: readonly string[];
  /** Of intervals: 0.95 for 95 %. */
  readonly confidence: number;
  /** Test pictures, all of them. */
  readonly pictures: number;
  /** Of these. */
  readonly floatRight: number;
  readonly deviceRight: number;
  readonly agreeing: number;
  readonly kmodelBytes: number;
  readonly kpuRamBytes: number;
  readonly mainMemoryBytes: number;
  readonly speed: EstimatedSpeed;
  readonly gates: readonly Gate[];
  /** A line for each of the pictures, or of `MOST_ANSWERS` of them; see `printAnswer`. Sorted. */
  readonly answers: readonly string[];
}

/** The answers of one test picture, as indices of classes. */
export interface Answer {
  /** The first 16 digits of the digest of its file, and for a frame of an animation `#` and its number. */
  readonly key: string;
  readonly label: number;
  readonly float: number;
  readonly device: number;
  /** Where a person finds it; null where both answers are right. */
  readonly path: string | null;
}

/**
 * More answers than these are not kept, so that a record stays small: of a larger test set those with the smallest
 * digests, which are the same pictures in every run that has them.
 */
export const MOST_ANSWERS = 2000;

export interface RunFacts extends ModelFacts {
  readonly classes: readonly string[];
  readonly gates: readonly Gate[];
}

/** @param metrics of these predictions */
export function runResult(predictions: readonly Prediction[], metrics: Metrics, facts: RunFacts): RunResult {
  const { classes, gates, kmodelBytes, kpuRamBytes, mainMemoryBytes, speed } = facts;
  return {
    classes,
    confidence: metrics.confidence,
    pictures: metrics.count,
    floatRight: metrics.floatAccuracy.successes,
    deviceRight: metrics.deviceAccuracy.successes,
    agreeing: metrics.agreement.successes,
    kmodelBytes,
    kpuRamBytes,
    mainMemoryBytes,
    speed,
    gates,
    answers: predictions
      .map(answerTo)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, MOST_ANSWERS)
      .map(printAnswer),
  };
}

function answerTo({ id, path, label, float, device }: Prediction): Answer {
  const answers = { label, float: answerOf(float), device: answerOf(device) };
  const isRight = answers.float === label && answers.device === label;
  return { key: id.replace(/^([0-9a-f]{16})[0-9a-f]{48}/, '$1'), ...answers, path: isRight ? null : path };
}

/** `<key> <label>` where both are right, else `<key> <label> <float> <device> <path>`: a path is needed only where answers differ. */
function printAnswer({ key, label, float, device, path }: Answer): string {
  return path === null ? `${key} ${label}` : `${key} ${label} ${float} ${device} ${path}`;
}

/** Null where the text is no answer. */
export function parseAnswer(text: string): Answer | null {
  const found = /^(?<key>\S+) (?<label>\d+)(?: (?<float>\d+) (?<device>\d+) (?<path>.*))?$/s.exec(text)?.groups;
  if (found === undefined) return null;
  const { key, label, float = label, device = label, path = null } = found;
  return { key, label: Number(label), float: Number(float), device: Number(device), path };
}

/** Null where a value, such as one that was read from a file, is no result. */
export function parseRunResult(value: unknown): RunResult | null {
  return isRunResult(value) ? value : null;
}

const COUNTS = [
  'confidence',
  'pictures',
  'floatRight',
  'deviceRight',
  'agreeing',
  'kmodelBytes',
  'kpuRamBytes',
  'mainMemoryBytes',
] as const satisfies (keyof RunResult)[];

function isRunResult(value: unknown): value is RunResult {
  if (typeof value !== 'object' || value === null) return false;
  const result = value as Partial<RunResult>;
  return (
    COUNTS.every((name) => typeof result[name] === 'number') &&
    isTexts(result.classes) &&
    isTexts(result.answers) &&
    result.answers.every((answer) => parseAnswer(answer) !== null) &&
    Array.isArray(result.gates) &&
    typeof result.speed?.estimatedMs === 'number'
  );
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((member) => typeof member === 'string');

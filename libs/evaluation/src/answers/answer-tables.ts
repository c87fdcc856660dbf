import { verdictOf } from './picture-answer';
import type { AnswerKey, AskedPicture } from './picture-answer';

/** Digits of a probability: more than single precision tells apart near 1. */
const DIGITS = 8;

/**
 * One record a picture, or a frame of an animation, as RFC 4180 has it: a row of names, CRLF, quotes where they are needed.
 * A picture that cannot be answered has `error` and nothing else. Two columns for each class at the end.
 */
export function renderAnswersCsv(asked: readonly AskedPicture[], key: AnswerKey): string {
  const { classes } = key;
  const head = [
    ...HEAD,
    ...classes.map((name) => `chip: ${name}`),
    ...classes.map((name) => `float: ${name}`),
    'error',
  ];
  const rows = asked.map((one) => {
    if (!one.ok) return [one.picture, ...Array<string>(HEAD.length - 1 + 2 * classes.length).fill(''), one.reason];
    const { answer, label, score, float, seen } = fieldsOf(one, key);
    return [
      ...[one.picture, one.frame === null ? '' : String(one.frame), one.sha256, answer, label, score],
      ...[float.answer, float.label, float.score, seen?.split ?? '', seen?.path ?? ''],
      ...[seen === null ? '' : seen.same ? 'same bytes' : 'looks alike', one.remarks.join('; ')],
      ...one.device.map(number),
      ...one.float.map(number),
      '',
    ];
  });
  return [head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

const HEAD = [
  ...['picture', 'frame', 'sha256', 'answer', 'label', 'score', 'float_answer', 'float_label', 'float_score'],
  ...['seen_in', 'seen_as', 'seen_how', 'remarks'],
] as const;

/** One JSON object a line, with the probabilities by class; in the order of the pictures. */
export function renderAnswersJsonl(asked: readonly AskedPicture[], key: AnswerKey): string {
  return asked.map((one) => `${JSON.stringify(one.ok ? recordOf(one, key) : errorOf(one))}\n`).join('');
}

const errorOf = ({ picture, reason }: Extract<AskedPicture, { ok: false }>) => ({ picture, error: reason });

function recordOf(one: Extract<AskedPicture, { ok: true }>, key: AnswerKey) {
  const { picture, frame, sha256, remarks, seen } = one;
  const verdict = (probabilities: readonly number[]) => ({
    ...verdictOf(probabilities, key),
    probabilities: Object.fromEntries(key.classes.map((name, index) => [name, rounded(probabilities[index])])),
  });
  const [chip, float] = [verdict(one.device), verdict(one.float)];
  const plain = ({ score, ...rest }: typeof chip) => ({ ...rest, score: rounded(score) });
  return { picture, frame, sha256, chip: plain(chip), float: plain(float), threshold: key.threshold, seen, remarks };
}

function fieldsOf(one: Extract<AskedPicture, { ok: true }>, key: AnswerKey) {
  const device = verdictOf(one.device, key);
  const float = verdictOf(one.float, key);
  return {
    ...device,
    score: number(device.score),
    float: { ...float, score: number(float.score) },
    seen: one.seen,
  };
}

const rounded = (value: number): number => Number(value.toFixed(DIGITS));
const number = (value: number): string => String(rounded(value));

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

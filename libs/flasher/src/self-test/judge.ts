import type { BoardLine } from './board-lines';
import type { KitIndex } from './kit';

/** One picture: what was to come, what came. Answers are indices of classes. */
export interface JudgedPicture {
  readonly name: string;
  readonly expected: Answer;
  /** Null where the board said nothing of it. */
  readonly got: Answer | null;
  /** Largest difference of a value; NaN where one is no number or is missing. */
  readonly delta: number;
  readonly passed: boolean;
}

export interface Answer {
  readonly index: number;
  readonly value: number;
}

/** Compares what the board told with the kit on this machine: a board that judges wrongly does not pass. */
export function judgePictures({ pictures, tolerance }: KitIndex, lines: readonly BoardLine[]): JudgedPicture[] {
  return pictures.map(({ name, expected }) => {
    const line = lines.find((one) => one.kind === 'picture' && one.name === name);
    if (line?.kind !== 'picture') {
      return { name, expected: answerIn(expected), got: null, delta: Number.NaN, passed: false };
    }
    const { values } = line;
    const isWhole = values.length === expected.length;
    const delta = isWhole ? Math.max(...expected.map((value, at) => Math.abs(value - values[at]))) : Number.NaN;
    return {
      name,
      expected: answerIn(expected),
      got: answerIn(values),
      delta,
      passed: line.passed && delta <= tolerance,
    };
  });
}

function answerIn(values: readonly number[]): Answer {
  let best = 0;
  values.forEach((value, index) => {
    if (value > values[best]) best = index;
  });
  return { index: best, value: values[best] };
}

/** A table for people. @param labels in the order of the output index */
export function renderJudgement(pictures: readonly JudgedPicture[], labels: readonly string[]): string[] {
  const text = (answer: Answer | null): string =>
    answer === null ? 'nothing' : `${labels[answer.index] ?? answer.index} ${answer.value.toFixed(4)}`;
  const rows = pictures.map(({ name, expected, got, delta, passed }) => [
    ...[name, text(expected), text(got)],
    ...[Number.isNaN(delta) ? '-' : delta.toFixed(6), passed ? 'PASS' : 'FAIL'],
  ]);
  const table = [['picture', 'expected', 'got', 'delta', ''], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

import { percent } from '../format';
import { nameOf, seenText, shownClasses, verdictOf } from './picture-answer';
import type { AnswerKey, PictureAnswer } from './picture-answer';

const BAR_WIDTH = 20;
const MOST_CLASSES = 5;

/**
 * One picture for a terminal or a file: the answer, a bar for each of the likeliest classes where `bars` are wanted, and what
 * is to be known about the picture. Plain ASCII but for names.
 */
export function answerLines(answer: PictureAnswer, key: AnswerKey, bars = true): string[] {
  const device = verdictOf(answer.device, key);
  const float = verdictOf(answer.float, key);
  const chip = `${device.label}, ${percent(device.score)}`;
  const said =
    device.answer === device.label ? `${chip} on the chip` : `${device.answer}; likeliest on the chip: ${chip}`;
  return [
    `${nameOf(answer)}: ${said} (float: ${float.label}, ${percent(float.score)})`,
    ...(bars ? barLines(answer, key) : []),
    ...answer.remarks.map((remark) => `  ${remark}`),
    ...(answer.seen === null ? [] : [`  ${seenText(answer.seen)}`]),
  ];
}

function barLines(answer: PictureAnswer, { classes }: AnswerKey): string[] {
  const shown = shownClasses(answer, MOST_CLASSES);
  const width = Math.max(...shown.map((index) => widthOf(classes[index])));
  return shown.map((index) => {
    const [chip, float] = [answer.device[index], answer.float[index]];
    const label = `${classes[index]}${' '.repeat(width - widthOf(classes[index]))}`;
    return `  ${label}  chip ${bar(chip)} ${column(chip)}  float ${bar(float)} ${column(float)}`;
  });
}

/** As wide as 100.00 %. */
const column = (share: number): string => percent(share).padStart(8);

function bar(share: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
}

/** East Asian wide letters and pictographs take two columns of a terminal, marks on a letter none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

function widthOf(text: string): number {
  return [...text.normalize('NFC')].reduce(
    (sum, letter) => sum + (/\p{M}/u.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1),
    0,
  );
}

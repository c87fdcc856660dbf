import { nothingAsked, unanswered } from '../errors';
import { answerLines } from './answer-lines';
import { renderAnswersCsv, renderAnswersJsonl } from './answer-tables';
import { renderAnswersPage } from './answers-page';
import { NONE_OF_THESE, verdictOf } from './picture-answer';
import type { AskedPicture, PictureAnswer } from './picture-answer';

const KEY = { classes: ['fire, "lizard"', 'ピカチュウ'], threshold: 0.7 };

const SURE: PictureAnswer = {
  ...{ ok: true, picture: 'photos/a, "b".png', sha256: 'ab', frame: null },
  ...{ float: [0.125, 0.875], device: [0.25, 0.75] },
  ...{ seen: { split: 'train', path: 'images/1.png', same: true }, remarks: ['is put upright (Exif orientation 6)'] },
};
const UNSURE: PictureAnswer = {
  ...{ ok: true, picture: 'walk.gif', sha256: 'cd', frame: 7, float: [0.8, 0.2], device: [0.6, 0.4] },
  ...{ seen: { split: 'test', path: 'images/2.png', same: false }, remarks: [] },
};
const BROKEN: AskedPicture = { ok: false, picture: '<b>.png', reason: 'is empty' };
const ASKED = [SURE, UNSURE, BROKEN];

test('below the threshold the answer is none of these, at it the likeliest class; the first of equals', () => {
  expect(verdictOf(UNSURE.device, KEY)).toEqual({ answer: NONE_OF_THESE, label: 'fire, "lizard"', score: 0.6 });
  expect(verdictOf([0.3, 0.7], KEY)).toMatchObject({ answer: 'ピカチュウ' });
  expect(verdictOf([0.5, 0.5], { ...KEY, threshold: 0 })).toMatchObject({ answer: 'fire, "lizard"' });
});

describe('lines', () => {
  test('say the answer, draw aligned bars, and flag a picture that is no new one', () => {
    expect(answerLines(SURE, KEY)).toEqual([
      'photos/a, "b".png: ピカチュウ, 75.00 % on the chip (float: ピカチュウ, 87.50 %)',
      '  fire, "lizard"  chip [#####...............]  25.00 %  float [###.................]  12.50 %',
      '  ピカチュウ      chip [###############.....]  75.00 %  float [##################..]  87.50 %',
      '  is put upright (Exif orientation 6)',
      '  has the same bytes as images/1.png, which the network has learned from',
    ]);
  });

  test('without bars still flag it, and name the likeliest class of what is refused', () => {
    expect(answerLines(UNSURE, KEY, false)).toEqual([
      'walk.gif #7: none of these; likeliest on the chip: fire, "lizard", 60.00 % (float: fire, "lizard", 80.00 %)',
      '  looks like images/2.png, which counts in the report (test)',
    ]);
  });

  test('show the five likeliest of many classes', () => {
    const classes = Array.from({ length: 8 }, (_, index) => `c${index}`);
    const device = [0.05, 0.3, 0.01, 0.2, 0.25, 0.15, 0.02, 0.02];
    const lines = answerLines({ ...SURE, device, float: device, seen: null, remarks: [] }, { classes, threshold: 0 });
    expect(lines.slice(1).map((line) => line.trim().split(' ')[0])).toEqual(['c1', 'c4', 'c3', 'c5', 'c0']);
  });
});

test('CSV has a record a picture as RFC 4180 has it, also for what has no answer', () => {
  const text = renderAnswersCsv(ASKED, KEY);
  expect(text.endsWith('\r\n')).toBe(true);
  const [head, ...records] = readCsv(text);
  const rows = records.map((cells) => Object.fromEntries(cells.map((cell, at) => [head[at], cell])));
  expect(records.map(({ length }) => length)).toEqual([head.length, head.length, head.length]);
  expect(rows[0]).toMatchObject({
    ...{ picture: 'photos/a, "b".png', frame: '', answer: 'ピカチュウ', score: '0.75', float_score: '0.875' },
    ...{ seen_in: 'train', seen_as: 'images/1.png', seen_how: 'same bytes', error: '' },
    ...{ 'chip: fire, "lizard"': '0.25', 'float: ピカチュウ': '0.875' },
  });
  expect(rows[1]).toMatchObject({
    frame: '7',
    answer: NONE_OF_THESE,
    label: 'fire, "lizard"',
    seen_how: 'looks alike',
  });
  expect(rows[2]).toMatchObject({ picture: '<b>.png', answer: '', error: 'is empty' });
});

test('JSON Lines have an object a picture', () => {
  const lines = renderAnswersJsonl(ASKED, KEY).trimEnd().split('\n');
  const [sure, unsure, broken]: unknown[] = lines.map((line) => JSON.parse(line));
  expect(sure).toMatchObject({
    picture: 'photos/a, "b".png',
    chip: { answer: 'ピカチュウ', score: 0.75, probabilities: { 'fire, "lizard"': 0.25, ピカチュウ: 0.75 } },
    seen: { split: 'train', same: true },
    threshold: 0.7,
  });
  expect(unsure).toMatchObject({ frame: 7, chip: { answer: NONE_OF_THESE, label: 'fire, "lizard"' } });
  expect(broken).toEqual({ picture: '<b>.png', error: 'is empty' });
});

test('the page shows what the network saw, chip beside float, what has no answer, and other people’s names as text', () => {
  const pictures = new Map([['photos/a, "b".png', Uint8Array.of(1, 2, 3)]]);
  const page = renderAnswersPage({ ...KEY, name: 'pokedex', asked: ASKED, pictures });
  expect(page).toContain('<title>What pokedex answers</title>');
  expect(page).toContain('src="data:image/png;base64,AQID"');
  expect(page).toContain('2 answers, large the one of the chip. The first 1 are shown. Below 70 % the answer is');
  expect(page).toContain('<code>&#60;b&#62;.png</code> is empty');
  expect(page).toContain('has the same bytes as images/1.png');
  expect(page.match(/<figure/g)).toHaveLength(1);
  expect(page).not.toContain('<b>');
});

test('E733 and E734: every picture without an answer is named; nothing was asked', () => {
  expect(unanswered([{ picture: 'x.png', reason: 'is empty' }], 3)).toMatchObject({
    code: 'E733',
    message: '1 of 3 pictures has no answer',
    details: ['x.png is empty'],
  });
  expect(nothingAsked('pokedex')).toMatchObject({ code: 'E734', hint: expect.stringContaining('pokedex:predict') });
});

/** Records of RFC 4180, read without our writer's help. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

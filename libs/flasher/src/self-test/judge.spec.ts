import fc from 'fast-check';

import { parseBoardLine, SELF_TEST_PROGRAM, type BoardLine } from './board-lines';
import { diagnose } from './diagnose';
import { judgePictures, renderJudgement } from './judge';
import { parseKitIndex, renderKitIndex, type KitIndex } from './kit';

const KIT: KitIndex = {
  tolerance: 0.001,
  model: { bytes: 10, crc32: 77 },
  pictures: [
    { name: 'golden-0.bmp', expected: [0.25, 0.75] },
    { name: 'golden-1.bmp', expected: [0.9, 0.1] },
  ],
};
const MODEL = '@graft model 10 77';

function judge(...printed: readonly string[]) {
  const lines = printed.map(parseBoardLine).filter((line): line is BoardLine => line !== null);
  const pictures = judgePictures(KIT, lines);
  return { pictures, failure: diagnose(KIT, lines, pictures) };
}

test('what a board prints besides, and lines that were cut, say nothing', () => {
  for (const line of [
    '',
    'graft end',
    '@graft',
    '@graft picture golden-0.bmp PASS',
    '@graft model 10',
    '@graft dance 1',
  ])
    expect(parseBoardLine(line)).toBeNull();
});

test.each([
  ['values that differ more than it says', '@graft picture golden-1.bmp PASS 0.000000 0.898000,0.102000'],
  ['no number', '@graft picture golden-1.bmp PASS nan nan,nan'],
  ['fewer values than classes', '@graft picture golden-1.bmp PASS 0.000000 0.900000'],
  ['a failure where the values are right', '@graft picture golden-1.bmp FAIL 0.000000 0.900000,0.100000'],
])('a board that passes itself with %s does not pass', (_, line) => {
  const { pictures, failure } = judge(MODEL, '@graft picture golden-0.bmp PASS 0.000000 0.250000,0.750000', line);
  expect(pictures.map(({ passed }) => passed)).toEqual([true, false]);
  expect(failure).toMatchObject({ code: 'E442', message: expect.stringMatching(/^1 of 2 pictures/) as unknown });
});

test('a board that ends before it is through does not pass, and is told to run again', () => {
  const { failure } = judge(MODEL, '@graft picture golden-0.bmp PASS 0.000000 0.250000,0.750000');
  expect(failure).toMatchObject({ code: 'E442', hint: expect.stringContaining('RESET and run this again') as unknown });
});

test('the table shows labels, values and differences', () => {
  const { pictures } = judge(MODEL, '@graft picture golden-0.bmp FAIL 0.500000 0.750000,0.250000');
  expect(renderJudgement(pictures, ['ant', 'bee'])).toEqual([
    'picture       expected    got         delta',
    'golden-0.bmp  bee 0.7500  ant 0.7500  0.500000  FAIL',
    'golden-1.bmp  ant 0.9000  nothing     -         FAIL',
  ]);
});

test('the index on the card is read as it was written, for any values', () => {
  const value = fc.integer({ min: 0, max: 1_000_000 }).map((parts) => parts / 1_000_000);
  fc.assert(
    fc.property(fc.array(fc.array(value, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rows) => {
      const pictures = rows.map((expected, index) => ({ name: `golden-${index}.bmp`, expected }));
      const kit = { tolerance: 0.001, pictures: pictures.map((one) => ({ ...one, bitmap: new Uint8Array() })) };
      // The check value of CRC-32.
      expect(parseKitIndex(renderKitIndex(kit, Buffer.from('123456789')))).toEqual({
        ...{ tolerance: 0.001, model: { bytes: 9, crc32: 0xcbf43926 }, pictures },
      });
    }),
  );
});

test.each(['', '1 2\n', '1 2 0.001\n', '1 2 0.001\ngolden-0.bmp\n', '1 2 0.001\ngolden-0.bmp 0.5 x\n'])(
  'an index that is none is not taken for one: %j',
  (text) => expect(parseKitIndex(text)).toBeNull(),
);

test('the program of the host fits into the input buffer of a board, in plain ASCII', () => {
  expect(SELF_TEST_PROGRAM).toMatch(/^[\n\x20-\x7e]{1,1900}$/);
});

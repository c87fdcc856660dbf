import { codesExpected, codesGiven, errorRows, HOMES, rowsOf } from './error-codes';
import { errorsDocument } from './errors-document';
import { read } from './repository';

const given = codesGiven();
const rows = errorRows();

test('the codes of the product are found in its sources', () => {
  expect(new Set(given.map(({ code }) => code)).size).toBeGreaterThan(100);
});

test.each(HOMES)('%s explains in its README every code that it gives', (home) => {
  const explained = rows.filter(({ file }) => file === `${home}/README.md`).flatMap(({ codes }) => codes);
  const unexplained = given.filter(({ code, file }) => file.startsWith(`${home}/`) && !explained.includes(code));
  expect(unexplained).toEqual([]);
});

test('no code is explained that nothing gives', () => {
  const known = given.map(({ code }) => code);
  expect(rows.flatMap(({ codes }) => codes).filter((code) => !known.includes(code))).toEqual([]);
});

test('every code is expected by a test', () => {
  const expected = codesExpected();
  expect([...new Set(given.map(({ code }) => code))].filter((code) => !expected.has(code))).toEqual([]);
});

test('a code means one thing: where two libraries explain it, they use the same words', () => {
  const words = new Map<string, Set<string>>();
  for (const { codes, meaning, remedy } of rows)
    for (const code of codes) words.set(code, (words.get(code) ?? new Set()).add(`${meaning} | ${remedy}`));
  expect([...words].filter(([, different]) => different.size > 1).map(([code, all]) => [code, ...all])).toEqual([]);
});

test('every row of a table of errors has a meaning and a remedy', () => {
  expect(rows.filter(({ meaning, remedy }) => meaning === '' || remedy === '')).toEqual([]);
});

test('docs/errors.md is what the tables say; if not, run: npm run docs:errors', () => {
  expect(read('docs/errors.md')).toBe(errorsDocument(rows));
});

describe('a table of errors', () => {
  const README = [
    '# A library',
    '| E999 | not in its section | - |',
    '## Errors',
    'Words before the table.',
    '| code | meaning | remedy |',
    '|---|---|---|',
    '| E201, W201 | a \\| b   | one remedy |',
    '## Then',
    '| E998 | behind its section | - |',
  ].join('\n');

  test('is read from its own section, code by code', () => {
    expect(rowsOf(README, 'README.md')).toEqual([
      { codes: ['E201', 'W201'], meaning: 'a \\| b', remedy: 'one remedy', file: 'README.md' },
    ]);
  });

  test('that stands twice with the same words is printed once, in its part', () => {
    const [row] = rowsOf(README, 'README.md');
    const later = { ...row, codes: ['E710'], meaning: 'later' };
    const document = errorsDocument([later, row, { ...row, file: 'other/README.md' }]);
    expect(document.match(/^(##|\| [EW]).*$/gm)).toEqual([
      '## Pictures and packages',
      '| E201, W201 | a \\| b | one remedy |',
      '## Evaluation',
      '| E710 | later | one remedy |',
    ]);
  });
});

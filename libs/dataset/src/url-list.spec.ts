import fc from 'fast-check';
import { parseAddresses, parseUrlList, renderUrlList } from './url-list';
import type { ListedPicture } from './url-list';

const DIGEST = 'ab'.repeat(32);
const HEAD = 'url,sha256,label';
const parse = (text: string, file = 'urls.csv') => {
  const parsed = parseUrlList(text, file);
  return parsed.ok
    ? parsed.value
    : parsed.diagnostics.map(({ code, message, place }) => `${code} ${place?.line} ${message}`);
};

const cell = fc.stringMatching(/^[^\r\n]*$/).map((text) => text.trim());
const picture: fc.Arbitrary<ListedPicture> = fc.record({
  url: fc.webUrl({ withQueryParameters: true, validSchemes: ['https'] }),
  sha256: fc.constant(DIGEST),
  label: cell.filter((text) => text !== ''),
  license: fc.option(cell.filter((text) => text !== '')),
  attribution: fc.option(cell.filter((text) => text !== '')),
  group: fc.option(cell.filter((text) => text !== '')),
});

test('what was written reads back equal, and a second time the same text is written', () => {
  fc.assert(
    fc.property(fc.uniqueArray(picture, { selector: ({ url }) => url }), (pictures) => {
      const text = renderUrlList(pictures);
      const parsed = parseUrlList(text, 'urls.csv');
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
      const read = parsed.value.map(({ line: _, ...rest }) => rest);
      expect(new Set(read.map((one) => JSON.stringify(one)))).toEqual(
        new Set(pictures.map((one) => JSON.stringify({ ...one }))),
      );
      expect(renderUrlList(read)).toBe(text);
    }),
    { numRuns: 60 },
  );
});

test('any text gives pictures or complaints that name a line of it', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('a.csv', 'a.jsonl'), (text, file) => {
      const parsed = parseUrlList(`${HEAD}\n${text}`, file);
      const lines = `${HEAD}\n${text}`.split(/\r?\n/);
      for (const { place } of parsed.ok ? [] : parsed.diagnostics)
        expect(lines[(place?.line ?? 0) - 1]).toBe(place?.text);
    }),
  );
});

test('columns come in any order, cells may be in quotes, lines may end as on Windows and be empty', () => {
  const text = `\uFEFFlabel,sha256,URL,attribution\r\n\r\n"a, b",${DIGEST.toUpperCase()}, https://a.org/1 ,"A ""X"" Person"\r\n`;
  expect(parse(text)).toEqual([
    {
      url: 'https://a.org/1',
      sha256: DIGEST,
      label: 'a, b',
      license: null,
      attribution: 'A "X" Person',
      group: null,
      line: 3,
    },
  ]);
});

test.each([
  ['no column of digests', 'url,label\n', 'E245 1 the list cannot be read: the first line names no column sha256'],
  [
    'an unknown column',
    `${HEAD},licence\n`,
    'E245 1 the list cannot be read: there is no column "licence"; the columns are url, sha256, label, license, attribution, group',
  ],
  ['a column twice', `${HEAD},url\n`, 'E245 1 the list cannot be read: a column is named twice'],
  [
    'a cell too many',
    `${HEAD}\nhttps://a.org,${DIGEST},a,b\n`,
    'E245 2 the list cannot be read: 4 cells, where the first line names 3 columns',
  ],
  [
    'an open quotation mark',
    `${HEAD}\nhttps://a.org,${DIGEST},"a\n`,
    'E245 2 the list cannot be read: a quotation mark has no partner on its line',
  ],
  [
    'a digest that is none',
    `${HEAD}\nhttps://a.org,abc,a\n`,
    'E245 2 the list cannot be read: "abc" is no SHA-256: 64 digits 0–9, a–f',
  ],
  ['no label', `${HEAD}\nhttps://a.org,${DIGEST},\n`, 'E245 2 the list cannot be read: the label is missing'],
  [
    'a password',
    `${HEAD}\nhttps://me:x@a.org/,${DIGEST},a\n`,
    'E245 2 the list cannot be read: the address holds a password',
  ],
  [
    'a file address',
    `${HEAD}\nfile:///etc/passwd,${DIGEST},a\n`,
    'E245 2 the list cannot be read: "file:///etc/passwd" is no address that begins with https://',
  ],
  [
    'an address twice',
    `${HEAD}\n${`https://a.org,${DIGEST},a\n`.repeat(2)}`,
    'E245 3 the list cannot be read: the address of line 2 is there again',
  ],
])('%s is a complaint with its line', (_, text, complaint) => {
  expect(parse(text)).toEqual([complaint]);
});

test('JSON Lines are read key by key', () => {
  const good = JSON.stringify({ url: 'https://a.org', sha256: DIGEST, label: 'a', license: null });
  expect(parse(`${good}\n[]\n{"url": 5}\n{"x": "y"}\nnope\n`, 'urls.jsonl')).toEqual([
    'E245 2 the list cannot be read: an object was expected',
    'E245 3 the list cannot be read: "url" is no text',
    'E245 4 the list cannot be read: there is no key "x"; the keys are url, sha256, label, license, attribution, group',
    'E245 5 the list cannot be read: this is not JSON',
  ]);
  expect(parse(good, 'urls.jsonl')).toMatchObject([{ url: 'https://a.org', line: 1 }]);
});

test('of a list that is wrong throughout the first lines are told and the rest is counted', () => {
  const parsed = parseUrlList(`${HEAD}\n${'x\n'.repeat(100)}`, 'urls.csv');
  if (parsed.ok) throw new Error('it was read');
  expect([parsed.diagnostics.length, parsed.diagnostics.at(-1)?.details]).toEqual([20, ['… and 80 more lines']]);
});

test('addresses without digests may be a plain list, or have labels of their own', () => {
  expect(parseAddresses('https://a.org/1\n\nhttps://a.org/2\n', 'x.txt', 'cat')).toMatchObject({
    ok: true,
    value: [
      { url: 'https://a.org/1', label: 'cat' },
      { url: 'https://a.org/2', label: 'cat' },
    ],
  });
  const own = parseAddresses('url,label\nhttps://a.org/1,dog\nhttps://a.org/2,\n', 'x.csv', 'cat');
  expect(own).toMatchObject({ ok: true, value: [{ label: 'dog' }, { label: 'cat' }] });
  expect(parseAddresses('https://a.org/1\n', 'x.txt', null)).toMatchObject({
    ok: false,
    diagnostics: [{ code: 'E245' }],
  });
  expect(parseAddresses('https://a.org/1\nfile:///x\n', 'x.txt', 'cat')).toMatchObject({
    ok: false,
    diagnostics: [{ place: { line: 2 } }],
  });
});

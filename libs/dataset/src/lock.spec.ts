import fc from 'fast-check';
import { compareLock, parseLock, recordFacts, renderLock } from './lock';
import type { Lock, LockedPicture } from './lock';
import type { PictureFacts } from './picture';
import { record } from './testing/pictures';

const NAMES = { path: 'apps/pokedex/experiment.lock.json', project: 'pokedex' };
const weights = [{ path: 'https://example.org/w.bin', sha256: 'cd'.repeat(32), size: 7 }];
const locked = (...args: Parameters<typeof record>): LockedPicture => ({ ...record(...args), facts: null });
const pictures = [locked('0/pikachu/b.png'), locked('0/charizard/a.png', { license: 'CC0-1.0' })];
const FACTS: PictureFacts = {
  ...{ width: 640, height: 480, perceptualHash: '0123456789abcdef' },
  split: 'validation',
  lookAlikes: 'ef'.repeat(32),
};

test('a lock holds one picture a line, sorted by path', () => {
  const sha = 'ab'.repeat(32);
  expect(renderLock({ pictures, skipped: null, weights })).toBe(`{
  "version": 1,
  "pictures": [
    {"path":"0/charizard/a.png","sha256":"${sha}","size":3,"format":"png","label":"charizard","source":"directory:./images","license":"CC0-1.0"},
    {"path":"0/pikachu/b.png","sha256":"${sha}","size":3,"format":"png","label":"pikachu","source":"directory:./images","license":null}
  ],
  "weights": [
    {"path":"https://example.org/w.bin","sha256":"${'cd'.repeat(32)}","size":7}
  ]
}
`);
});

describe('what is worked out from a picture', () => {
  const text = renderLock({ pictures, skipped: null, weights });

  test('follows on its line, and nothing on lines of which nothing is known', () => {
    const facts = new Map([['ab'.repeat(32), { ...FACTS, lookAlikes: null }]]);
    const line = recordFacts(text, NAMES, facts).split('\n')[3];
    expect(line).toMatch(
      /"license":"CC0-1.0","width":640,"height":480,"phash":"0123456789abcdef","split":"validation"},$/,
    );
    expect(recordFacts(text, NAMES, new Map([['other', FACTS]]))).toBe(text);
  });

  test('is not there in an older lock, which is read all the same', () => {
    const parsed = parseLock(text, NAMES);
    expect(parsed.ok && parsed.value.pictures?.map(({ facts }) => facts)).toEqual([null, null]);
  });

  test.each([
    ['a hash that is none', '"phash":"0123"'],
    ['a side that is none', '"split":"learn"'],
    ['a width that is no number', '"width":"wide"'],
  ])('%s is E232', (_, wrong) => {
    expect(parseLock(text.replace('"license":"CC0-1.0"', `"license":"CC0-1.0",${wrong}`), NAMES)).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'E232', place: { line: 4 } }],
    });
  });

  test('is no difference between lock and pictures', () => {
    const known = pictures.map((one) => ({ ...one, facts: FACTS }));
    expect(compareLock(known, pictures, NAMES)).toEqual([]);
  });
});

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const anyFacts: fc.Arbitrary<PictureFacts> = fc.record({
  width: fc.nat(),
  height: fc.nat(),
  perceptualHash: digest.map((text) => text.slice(0, 16)),
  split: fc.constantFrom('train', 'validation', 'test', null),
  lookAlikes: fc.option(digest),
});
const anyRecord: fc.Arbitrary<LockedPicture> = fc.record({
  path: fc.string({ unit: 'grapheme', minLength: 1 }),
  sha256: digest,
  size: fc.nat(),
  format: fc.constantFrom('jpeg', 'png', 'webp', 'gif', 'svg', 'bmp', 'avif', 'tiff'),
  label: fc.string(),
  source: fc.string(),
  license: fc.option(fc.string()),
  attribution: fc.option(fc.string()),
  group: fc.option(fc.string()),
  facts: fc.option(anyFacts),
});
const anyLock: fc.Arbitrary<Lock> = fc.record({
  pictures: fc.option(fc.uniqueArray(anyRecord, { selector: ({ path }) => path })),
  skipped: fc.option(
    fc.array(fc.record({ path: fc.string(), sha256: digest, label: fc.string(), source: fc.string() }), {
      minLength: 1,
      maxLength: 3,
    }),
  ),
  weights: fc.option(fc.array(fc.record({ path: fc.string(), sha256: digest, size: fc.nat() }), { maxLength: 3 })),
});

test('what was rendered parses back to the same lock, and renders to the same text', () => {
  fc.assert(
    fc.property(anyLock, (lock) => {
      const text = renderLock(lock);
      const parsed = parseLock(text, NAMES);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
      expect(renderLock(parsed.value)).toBe(text);
      expect(compareLock(lock.pictures ?? [], parsed.value.pictures ?? [], NAMES)).toEqual([]);
      expect(parsed.value.pictures === null).toBe(lock.pictures === null);
    }),
    { numRuns: 60 },
  );
});

test('two branches that add pictures merge by their lines', () => {
  const anyBranch = fc.uniqueArray(anyRecord, { selector: ({ path }) => path, maxLength: 8 });
  fc.assert(
    fc.property(anyBranch, anyBranch, anyBranch, (base, ours, theirs) => {
      const known = new Set(base.map(({ path }) => path));
      const mine = ours.filter(({ path }) => !known.has(path));
      const others = theirs.filter(({ path }) => !known.has(path) && !mine.some((one) => one.path === path));
      const linesOf = (added: readonly LockedPicture[]) =>
        renderLock({ pictures: [...base, ...added], skipped: null, weights: null })
          .split('\n')
          .filter((line) => line.startsWith('    {'))
          .map((line) => line.replace(/,$/, ''));
      const merged = new Set([...linesOf(mine), ...linesOf(others)]);
      expect(new Set(linesOf([...mine, ...others]))).toEqual(merged);
    }),
    { numRuns: 40 },
  );
});

describe('a lock that cannot be read is E232 at its line', () => {
  const good = renderLock({ pictures, skipped: null, weights });
  const lines = good.split('\n');
  const withLine = (index: number, line: string): string => lines.with(index, line).join('\n');

  test.each([
    ['a merge conflict', `${lines.slice(0, 3).join('\n')}\n<<<<<<< ours\n${lines.slice(3).join('\n')}`, 4],
    ['a broken record', withLine(4, lines[4].replace('"sha256":', '"sha256"')), 5],
    ['an end in the middle', lines.slice(0, 4).join('\n'), 4],
    ['another version', withLine(1, '  "version": 2,'), 2],
    ['a digest that is none', withLine(4, lines[4].replace('abab', 'xyzw')), 5],
    ['a format that is not known', withLine(3, lines[3].replace('"png"', '"pgn"')), 4],
    ['weights that are none', withLine(7, '    {"path":"w.bin"}'), 8],
    ['an array', '[]', 1],
  ])('%s', (_, text, line) => {
    const parsed = parseLock(text, NAMES);
    expect(parsed).toMatchObject({ ok: false, diagnostics: [{ code: 'E232', place: { file: NAMES.path, line } }] });
  });

  test('every broken line is told', () => {
    const text = good.replaceAll('"format":"png"', '"format":"pgn"');
    const parsed = parseLock(text, NAMES);
    expect(parsed.ok ? [] : parsed.diagnostics.map(({ place }) => place?.line)).toEqual([4, 5]);
  });
});

test('a lock is compared picture by picture: E230 names what was added, removed and changed', () => {
  const [b, a] = pictures;
  const now = [{ ...a, sha256: 'ef'.repeat(32) }, { ...b, label: 'charizard' }, record('0/pikachu/new.png')];
  const [diagnostic] = compareLock([a, b, record('0/pikachu/old.png')], now, NAMES);
  expect(diagnostic.code).toBe('E230');
  expect(diagnostic.message).toContain('1 added, 1 removed, 2 changed');
  expect(diagnostic.details).toEqual([
    'added    0/pikachu/new.png',
    'removed  0/pikachu/old.png',
    'changed  0/charizard/a.png  content abababab… → efefefef…',
    'changed  0/pikachu/b.png  label pikachu → charizard',
  ]);
  expect(diagnostic.hint).toContain('npx nx run pokedex:lock');
});

test('of many changes the first ten are named and the rest is counted', () => {
  const many = Array.from({ length: 25 }, (_, index) => record(`0/pikachu/${index}.png`));
  const [diagnostic] = compareLock([], many, NAMES);
  expect(diagnostic.details).toHaveLength(11);
  expect(diagnostic.details?.at(-1)).toContain('15 more');
});

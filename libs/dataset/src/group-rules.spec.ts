import fc from 'fast-check';
import type { GroupBy } from '@graft/spec';
import { grouper } from './group-rules';
import { placePictures } from './place-pictures';
import type { PictureRecord } from './picture';
import { record } from './testing/pictures';

const groupOf = (groupBy: GroupBy, path: string, changes: Partial<PictureRecord> = {}) =>
  grouper(groupBy)(record(path, { sha256: path, label: 'l', ...changes }));

describe('by name', () => {
  test.each([
    ['0/pokemon/x.png', '1/pokemon/shiny/X.gif', true],
    ['0/pokemon/x.png', '0/pokemon/y.png', false],
    ['0/pokemon/x-frame-03.png', '0/pokemon/x#4.png', true],
    ['0/pokemon/charizard-mega-x.png', '0/pokemon/charizard.png', false],
    ['0/pokemon/25.gif', '0/pokemon/back/25.gif', true],
    ['0/pokemon/.png', '0/pokemon/#1', false],
  ])('%s and %s are one group: %s', (a, b, same) => {
    expect(groupOf('name', a) === groupOf('name', b)).toBe(same);
  });

  test('classes are apart', () => {
    expect(groupOf('name', '0/a/1.png', { label: 'a' })).not.toBe(groupOf('name', '0/b/1.png', { label: 'b' }));
  });
});

test('by file, the content decides', () => {
  const same = { sha256: 'same' };
  expect(groupOf('file', '0/a/1.png', same)).toBe(groupOf('file', '0/a/2.png', same));
  expect(groupOf('file', '0/a/1.png')).not.toBe(groupOf('file', '0/a/2.png'));
});

describe('by a glob of folders', () => {
  test.each([
    ['**/session-*', '0/pikachu/session-1/a.png', '0/pikachu/session-1/deep/b.png', true],
    ['**/session-*', '0/pikachu/session-1/a.png', '0/pikachu/session-2/a.png', false],
    ['**/session-*', '0/pikachu/session-1/a.png', '3/pikachu/session-1/b.png', true],
    ['**/session-*', '0/pikachu/Session-1/session-2/a.png', '0/pikachu/Session-1/b.png', true],
    ['*/*/', '0/pikachu/kitchen/a.png', '0/pikachu/kitchen/b.png', true],
    ['**/session-*', '0/pikachu/session-1.png', '0/pikachu/session-1.png.png', false],
    ['nowhere', '0/pikachu/a.png', '0/pikachu/b.png', false],
  ])('%s puts %s and %s into one group: %s', (glob, a, b, same) => {
    expect(groupOf({ glob }, a) === groupOf({ glob }, b)).toBe(same);
  });

  test('a picture outside is by itself', () => {
    expect(groupOf({ glob: '**/session-*' }, '0/pikachu/a.png', { sha256: 'own' })).toBe('own');
  });
});

describe('by a regular expression', () => {
  test.each([
    ['(session-\\d+)', '0/pikachu/session-1/a.png', '0/charizard/x/session-1-b.png', true],
    ['(session-\\d+)', '0/pikachu/session-1/a.png', '0/pikachu/session-12/a.png', false],
    ['^(\\w+)/.*_(\\w)[.]png$', '0/pikachu/3_a.png', '1/pikachu/4_a.png', true],
    ['^(\\w+)/.*_(\\w)[.]png$', '0/pikachu/3_a.png', '0/charizard/3_a.png', false],
    ['(é)', '0/pikachu/caf\u00e91.png', '0/pikachu/cafe\u03012.png', true],
    ['(a)|(b)', '0/x/a.png', '0/x/b.png', false],
    ['(x)?', '0/y/1.png', '0/y/2.png', false],
  ])('%s puts %s and %s into one group: %s', (pattern, a, b, same) => {
    expect(groupOf({ pattern }, a) === groupOf({ pattern }, b)).toBe(same);
  });
});

test('by a column, what lists say decides, and a picture of which they say nothing is by itself', () => {
  const [a, b] = [groupOf('column', '0/a.org/1', { group: 's' }), groupOf('column', '2/b.org/2', { group: 's' })];
  expect(a).toBe(b);
  expect(groupOf('column', '0/a.org/3', { group: null, sha256: 'own' })).toBe('own');
});

describe('whatever the rule', () => {
  const rules: readonly GroupBy[] = [
    'file',
    'name',
    'column',
    { glob: '**/s*' },
    { glob: '*/*' },
    { pattern: 's(\\d)' },
    { pattern: '^(\\w)\\w*/.*(\\d)[.]png$' },
  ];
  const split = { train: 0.6, validation: 0.2, test: 0.2, method: 'stable_hash' } as const;
  const folder = fc.constantFrom('a', 'b', 's1', 's2', 'S2');
  const anyRecord = fc
    .record({
      source: fc.nat(2),
      folders: fc.array(folder, { minLength: 1, maxLength: 3 }),
      name: fc.nat(9),
      label: fc.constantFrom('a', 'b'),
      group: fc.option(fc.constantFrom('x', 'y', 'z')),
    })
    .map(({ source, folders, name, label, group }) => {
      const path = `${source}/${folders.join('/')}/${name}.png`;
      return record(path, { sha256: `content of ${path}`, label, group });
    });
  const anyPictures = fc.uniqueArray(anyRecord, { selector: ({ path }) => path, maxLength: 40 });
  const sides = (pictures: readonly PictureRecord[], groupBy: GroupBy, seed: number) =>
    placePictures(pictures, { split: { ...split, groupBy }, testSources: [], seed }).placed;

  test.each(rules)('%j: adding pictures never moves one, and their order does not matter', (groupBy) => {
    fc.assert(
      fc.property(anyPictures, anyPictures, fc.nat(), (before, more, seed) => {
        const known = new Set(before.map(({ path }) => path));
        const all = [...more.filter(({ path }) => !known.has(path)), ...[...before].reverse()];
        const after = new Map(sides(all, groupBy, seed).map((one) => [one.record.path, one]));
        for (const one of sides(before, groupBy, seed)) expect(after.get(one.record.path)).toEqual(one);
      }),
      { numRuns: 40 },
    );
  });

  test.each(rules)('%j: a group is never on two sides', (groupBy) => {
    fc.assert(
      fc.property(anyPictures, fc.nat(), (pictures, seed) => {
        const found = new Map<string, string>();
        for (const { group, split: side } of sides(pictures, groupBy, seed)) {
          expect(found.get(group) ?? side).toBe(side);
          found.set(group, side);
        }
      }),
      { numRuns: 40 },
    );
  });
});

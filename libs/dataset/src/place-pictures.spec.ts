import fc from 'fast-check';
import { placePictures } from './place-pictures';
import type { PictureRecord } from './picture';
import { record } from './testing/pictures';

const SPLIT = { train: 0.7, validation: 0.15, test: 0.15, groupBy: 'file', method: 'stable_hash' } as const;

const source = (index: number, count: number): PictureRecord[] =>
  ['charizard', 'pikachu'].flatMap((label) =>
    Array.from({ length: count }, (_, number) =>
      record(`${index}/${label}/${number}.png`, { sha256: `${index} ${label} ${number}`, label }),
    ),
  );
const drawings = source(0, 100);
const photographs = source(1, 20);

const place = (pictures: readonly PictureRecord[], testSources: readonly number[], split: object = {}) =>
  placePictures(pictures, { split: { ...SPLIT, ...split }, testSources, seed: 42 });

const sidesOf = ({ placed }: ReturnType<typeof place>) =>
  new Map(placed.map(({ record: { path }, split }) => [path, split]));

test('without test sources every picture is on a side', () => {
  const { placed, diagnostics } = place([...drawings, ...photographs], []);
  expect(placed).toHaveLength(240);
  expect(new Set(placed.map(({ split }) => split))).toEqual(new Set(['train', 'validation', 'test']));
  expect(diagnostics).toEqual([]);
});

test('the pictures of a test source are the test part, and no others are in it', () => {
  const sides = sidesOf(place([...drawings, ...photographs], [1]));
  const tested = [...sides].filter(([, side]) => side === 'test').map(([path]) => path);
  expect(tested).toEqual(photographs.map(({ path }) => path));
});

test('a test source moves nothing that is learned from', () => {
  const learned = (testSources: number[], pictures: PictureRecord[]) =>
    [...sidesOf(place(pictures, testSources))].filter(([, side]) => side !== 'test');
  expect(learned([1], [...drawings, ...photographs])).toEqual(learned([], drawings));
});

test('what is left out for a test source is counted (W224)', () => {
  const unused = [...sidesOf(place(drawings, [])).values()].filter((side) => side === 'test').length;
  expect(place([...drawings, ...photographs], [1]).diagnostics).toMatchObject([
    { code: 'W224', severity: 'warning', message: expect.stringContaining(`${unused} pictures left out`) },
  ]);
});

test('without a test share nothing is left out', () => {
  const { placed, diagnostics } = place([...drawings, ...photographs], [1], { train: 0.85, test: 0 });
  expect(placed).toHaveLength(240);
  expect(diagnostics).toEqual([]);
});

test('a group that reaches into a test source is not learned from', () => {
  // By name, 0/pikachu/3.png and 1/pikachu/3.png are one group.
  const { placed } = place([...drawings, ...photographs], [1], { groupBy: 'name' });
  const tested = new Set(placed.filter(({ split }) => split === 'test').map(({ group }) => group));
  expect(tested.size).toBe(40);
  expect(placed.filter(({ group, split }) => split !== 'test' && tested.has(group))).toEqual([]);
  expect(placed.filter(({ split }) => split === 'test').every(({ record: { path } }) => path.startsWith('1/'))).toBe(
    true,
  );
});

describe('look-alikes', () => {
  const grouped = (pictures: readonly PictureRecord[], lookAlikes: ReadonlyMap<string, string>) =>
    placePictures(pictures, { split: { ...SPLIT, groupBy: 'near_duplicate' }, testSources: [], seed: 3, lookAlikes });
  const anyGroups = fc.array(fc.array(fc.nat(99), { minLength: 2, maxLength: 6 }), { maxLength: 8 });

  test('stay on one side, whatever their groups', () => {
    fc.assert(
      fc.property(anyGroups, (groups) => {
        // A picture in two groups belongs to the last.
        const names = groups.flatMap((members, at) =>
          members.map((member) => [drawings[member].sha256, `g${at}`] as const),
        );
        const lookAlikes = new Map(names);
        const { placed } = grouped(drawings, lookAlikes);
        for (const name of new Set(lookAlikes.values())) {
          const sides = placed.filter(({ group }) => group === name).map(({ split }) => split);
          expect(new Set(sides).size).toBe(1);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('that come with others move nothing else', () => {
    const few = drawings.slice(0, 60);
    const before = sidesOf(grouped(few, new Map()));
    const added = new Map(drawings.slice(60, 90).map(({ sha256 }) => [sha256, drawings[60].sha256] as const));
    const after = sidesOf(grouped([...drawings].reverse(), added));
    for (const [path, side] of before) expect(after.get(path)).toBe(side);
  });
});

describe('folders', () => {
  const inFolder = (folder: string, count: number, label = 'pikachu') =>
    Array.from({ length: count }, (_, at) =>
      record(`0/${folder}/${label}/${at}.png`, { sha256: `${folder} ${label} ${at}`, label }),
    );
  const byFolders = (pictures: readonly PictureRecord[], changes: object = {}) =>
    placePictures(pictures, { split: { ...SPLIT, method: 'folders', ...changes }, testSources: [], seed: 1 });

  test('decide, by whichever name they have', () => {
    const pictures = [
      ...inFolder('Train', 3),
      ...inFolder('val', 2),
      ...inFolder('a/validation', 1),
      ...inFolder('test', 1),
    ];
    const { placed, diagnostics } = byFolders(pictures);
    expect(placed.map(({ split }) => split)).toEqual([
      ...Array<string>(3).fill('train'),
      ...Array<string>(3).fill('validation'),
      'test',
    ]);
    expect(diagnostics).toEqual([]);
  });

  test('without one for validation, its share is taken from train, and adding pictures moves none', () => {
    const few = [...inFolder('train', 60), ...inFolder('test', 5)];
    const before = sidesOf(byFolders(few));
    expect(new Set(before.values())).toEqual(new Set(['train', 'validation', 'test']));
    const after = sidesOf(byFolders([...inFolder('train', 90), ...inFolder('test', 9)]));
    for (const [path, side] of before) expect(after.get(path)).toBe(side);
  });

  test('that are missing are E225, a class that has nothing in one E226', () => {
    expect(byFolders([...inFolder('train', 3), ...inFolder('other', 1)]).diagnostics).toMatchObject([
      { code: 'E225', details: ['images/other/pikachu/0.png'] },
    ]);
    const pictures = [...inFolder('train', 40), ...inFolder('test', 2), ...inFolder('train', 40, 'charizard')];
    expect(byFolders(pictures).diagnostics).toMatchObject([
      { code: 'E226', message: 'class "charizard" has no picture in test' },
    ]);
    expect(byFolders(pictures, { test: 0, train: 0.85 }).diagnostics).toEqual([]);
  });

  test('do not hold what is in a test source', () => {
    const pictures = [...inFolder('train', 40), record('1/pikachu/x.png', { label: 'pikachu' })];
    const { placed } = placePictures(pictures, { split: { ...SPLIT, method: 'folders' }, testSources: [1], seed: 1 });
    expect(placed.at(-1)?.split).toBe('test');
  });
});

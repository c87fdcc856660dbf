import { placePictures } from './place-pictures';
import type { PictureRecord } from './picture';
import { record } from './testing/pictures';

const SPLIT = { train: 0.7, validation: 0.15, test: 0.15, groupBy: 'file' } as const;

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

import fc from 'fast-check';
import { placePictures } from '@graft/dataset';
import type { PictureRecord, SplitPart } from '@graft/dataset';
import { groupLookAlikes } from './look-alikes';
import { keepRecordedGroups } from './recorded-groups';

/** Pictures and who looks like whom, as it grows and shrinks from one lock to the next. */
interface Collection {
  readonly contents: readonly string[];
  readonly alike: readonly (readonly [string, string])[];
}

const NAMES = [...'abcdefghijkl'];
const anyPair = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES)).filter(([a, b]) => a < b);
/** Whether two pictures look alike never changes; which of them are there does. */
const anyHistory = fc.record({
  alike: fc.uniqueArray(anyPair, { maxLength: 14, selector: ([a, b]) => a + b }),
  steps: fc.array(fc.subarray(NAMES, { minLength: 1 }), { minLength: 2, maxLength: 5 }),
  seed: fc.nat(),
});

const groupsOf = ({ contents, alike }: Collection): Map<string, string> =>
  groupLookAlikes(
    alike.filter((pair) => pair.every((one) => contents.includes(one))).map((pair) => ({ pair, likeness: 0.95 })),
  );

function place(collection: Collection, recorded: ReadonlyMap<string, string>, seed: number) {
  const pictures = collection.contents.map((sha256): PictureRecord => ({
    ...{ path: `0/x/${sha256}.png`, sha256, size: 1, format: 'png', label: 'x', source: 'directory:./images' },
    ...{ license: null, attribution: null, group: null },
  }));
  return placePictures(pictures, {
    split: { train: 0.4, validation: 0.3, test: 0.3, groupBy: 'near_duplicate', method: 'stable_hash' },
    testSources: [],
    seed,
    lookAlikes: keepRecordedGroups(groupsOf(collection), recorded),
  }).placed;
}

test('a picture that is in the lock never moves, whoever comes, goes, or links groups; a group is never on two sides', () => {
  fc.assert(
    fc.property(anyHistory, ({ alike, steps, seed }) => {
      let names = new Map<string, string>();
      let sides = new Map<string, SplitPart>();
      for (const contents of steps) {
        const placed = place({ contents, alike }, names, seed);
        const sideOfGroup = new Map<string, SplitPart>();
        for (const { record, group, split } of placed) {
          expect(sides.get(record.sha256) ?? split).toBe(split);
          expect(sideOfGroup.get(group) ?? split).toBe(split);
          sideOfGroup.set(group, split);
        }
        // The lock is written anew after each step, and forgets what is gone.
        names = new Map(placed.map(({ record, group }) => [record.sha256, group]));
        sides = new Map(placed.map(({ record, split }) => [record.sha256, split]));
      }
    }),
    { numRuns: 300 },
  );
});

test('a new picture joins the side of the look-alikes that are in the lock, and without any the group is as it was', () => {
  fc.assert(
    fc.property(anyHistory, ({ alike, steps: [first, second], seed }) => {
      const before = place({ contents: first, alike }, new Map(), seed);
      const recorded = new Map(before.map(({ record, group }) => [record.sha256, group]));
      const all = { contents: [...new Set([...first, ...second])], alike };
      const groups = groupsOf(all);
      const names = keepRecordedGroups(groups, recorded);
      for (const [content, group] of groups) {
        if (recorded.has(content)) continue;
        const members = [...groups].filter(([, other]) => other === group).map(([member]) => member);
        const former = members.flatMap((member) => recorded.get(member) ?? []).sort();
        expect(names.get(content)).toBe(former[0] ?? group);
      }
      expect(keepRecordedGroups(groups, new Map())).toEqual(groups);
    }),
    { numRuns: 200 },
  );
});

test('a smaller digest that comes to a picture in the lock does not rename its group', () => {
  const pair = { contents: ['a', 'k'], alike: [['a', 'k']] } as const;
  expect(keepRecordedGroups(groupsOf(pair), new Map())).toEqual(
    new Map([
      ['a', 'a'],
      ['k', 'a'],
    ]),
  );
  expect(keepRecordedGroups(groupsOf(pair), new Map([['k', 'k']]))).toEqual(
    new Map([
      ['a', 'k'],
      ['k', 'k'],
    ]),
  );
});

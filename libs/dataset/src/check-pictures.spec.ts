import fc from 'fast-check';
import { sha256 } from '@graft/foundation';
import { checkPictures } from './check-pictures';
import { record } from './testing/pictures';

const picture = (path: string, content: string) => record(path, { sha256: sha256(content) });
const list = (...pictures: ReturnType<typeof picture>[]) => ({ version: 1 as const, pictures });
const DROP = { exactDuplicate: 'drop', labelConflict: 'drop' } as const;
const paths = (records: readonly { path: string }[]) => records.map(({ path }) => path);

const COPIES = list(
  picture('0/pikachu/c.png', 'p'),
  picture('0/pikachu/a.png', 'p'),
  picture('0/pikachu/b.png', 'q'),
  picture('0/charizard/x.png', 'x'),
);
const CONFLICT = list(
  picture('0/charizard/90.jpg', 'same'),
  picture('0/pikachu/12.jpg', 'same'),
  picture('0/pikachu/13.jpg', 'same'),
  picture('0/pikachu/14.jpg', 'other'),
);

test('of exact copies the first by path is kept', () => {
  const { kept, dropped, diagnostics } = checkPictures(COPIES, DROP);
  expect(paths(kept)).toEqual(['0/charizard/x.png', '0/pikachu/a.png', '0/pikachu/b.png']);
  expect(dropped).toMatchObject([
    { record: { path: '0/pikachu/c.png' }, reason: 'exact_duplicate', sameAs: '0/pikachu/a.png' },
  ]);
  expect(diagnostics).toMatchObject([
    {
      code: 'W215',
      severity: 'warning',
      message: '1 of 4 pictures are exact copies; 3 kept (charizard 1, pikachu 2)',
      details: ['images/pikachu/c.png  =  images/pikachu/a.png'],
    },
  ]);
});

test('copies can be an error (E215), a warning, or nobody’s business', () => {
  const check = (exactDuplicate: 'error' | 'warn' | 'ignore') => checkPictures(COPIES, { ...DROP, exactDuplicate });
  expect(check('error').diagnostics).toMatchObject([{ code: 'E215', severity: 'error' }]);
  expect(check('warn').diagnostics).toMatchObject([{ code: 'W215', severity: 'warning' }]);
  expect(check('ignore').diagnostics).toEqual([]);
  for (const action of ['error', 'warn', 'ignore'] as const) expect(check(action).kept).toHaveLength(4);
});

test('a picture under two classes is E221 with both names', () => {
  const { diagnostics } = checkPictures(CONFLICT, { ...DROP, labelConflict: 'error' });
  expect(diagnostics[0]).toMatchObject({
    code: 'E221',
    message: 'the same picture is labelled twice',
    details: ['images/charizard/90.jpg  and  images/pikachu/12.jpg   (identical bytes)'],
  });
});

test('dropping a conflict drops every copy of it, with W221', () => {
  const { kept, dropped, diagnostics } = checkPictures(CONFLICT, DROP);
  expect(paths(kept)).toEqual(['0/pikachu/14.jpg']);
  expect(dropped.map(({ reason, sameAs }) => [reason, sameAs])).toEqual([
    ['label_conflict', '0/pikachu/12.jpg'],
    ['label_conflict', '0/charizard/90.jpg'],
    ['label_conflict', '0/charizard/90.jpg'],
  ]);
  expect(diagnostics).toMatchObject([{ code: 'W221', severity: 'warning' }]);
});

test('a conflict that is only warned of, or ignored, stays', () => {
  const warned = checkPictures(CONFLICT, { exactDuplicate: 'ignore', labelConflict: 'warn' });
  expect(warned.kept).toHaveLength(4);
  expect(warned.diagnostics).toMatchObject([{ code: 'W221' }]);
  expect(checkPictures(CONFLICT, { exactDuplicate: 'ignore', labelConflict: 'ignore' }).diagnostics).toEqual([]);
});

test('after dropping, no content is there twice, nothing is lost, and the order of the list does not matter', () => {
  const entry = fc.record({ label: fc.constantFrom('a', 'b'), content: fc.constantFrom('1', '2', '3', '4', '5') });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const pictures = entries.map(({ label, content }, index) => picture(`0/${label}/${index}`, content));
      const { kept, dropped } = checkPictures(list(...pictures), DROP);
      expect(new Set(kept.map((one) => one.sha256)).size).toBe(kept.length);
      expect(kept.length + dropped.length).toBe(pictures.length);
      expect(checkPictures(list(...pictures.reverse()), DROP).kept).toEqual(kept);
    }),
  );
});

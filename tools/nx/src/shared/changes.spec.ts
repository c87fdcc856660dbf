import { settingChanges, tableChanges } from './changes';

test('a changed key is named with both values', () => {
  expect(settingChanges({ train: { epochs: 10 } }, { train: { epochs: 20 } })).toEqual(['key train.epochs: 10 → 20']);
});

test('keys that come and go are named', () => {
  expect(settingChanges({ a: 1 }, { b: 2 })).toEqual(['key a: 1 → (absent)', 'key b: (absent) → 2']);
});

test('equal settings have no changes, whatever the order of their keys', () => {
  expect(settingChanges({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toEqual([]);
});

test('members of lists are compared one by one, whatever the order of their keys', () => {
  const before = { head: [{ dense: 64, activation: 'relu' }] };
  expect(settingChanges(before, { head: [{ activation: 'relu', dense: 64 }] })).toEqual([]);
  expect(settingChanges(before, { head: [{ activation: 'relu', dense: 32 }] })).toEqual(['key head[0].dense: 64 → 32']);
});

test('versions are shown, digests are not', () => {
  const digest = 'a'.repeat(64);
  expect(tableChanges('tool', { sharp: '1.0.0', own: digest }, { sharp: '2.0.0', own: 'b'.repeat(64) })).toEqual([
    'tool own changed',
    'tool sharp changed: 1.0.0 → 2.0.0',
  ]);
});

test('files that are new or gone are named', () => {
  expect(tableChanges('file', { a: '1' }, { b: '1' })).toEqual(['file a is gone', 'file b is new']);
});

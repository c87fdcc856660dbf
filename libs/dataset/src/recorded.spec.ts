import type { LockedPicture } from './lock';
import type { PictureFacts } from './picture';
import { compareSides, recordedContents } from './recorded';
import { record } from './testing/pictures';

const facts = (changes: Partial<PictureFacts> = {}): PictureFacts => ({
  ...{ width: 1, height: 1, perceptualHash: '0'.repeat(16), split: 'train', lookAlikes: null },
  ...changes,
});
const locked = (name: string, changes: Partial<LockedPicture> = {}): LockedPicture => ({
  ...record(`0/pikachu/${name}.png`, { sha256: name }),
  facts: facts(),
  ...changes,
});
const lock = (...pictures: readonly LockedPicture[]) => ({ pictures, skipped: null, weights: null });

describe('what the lock says of the place of contents', () => {
  const fetched = ['b', 'a', 'c'].map((name) => record(`0/pikachu/${name}.png`, { sha256: name }));

  test('is taken over, sorted, for those that are there', () => {
    const a = locked('a', { facts: facts({ split: 'test', lookAlikes: 'g' }) });
    expect(recordedContents(lock(locked('gone'), locked('b'), a), fetched)).toEqual([
      { sha256: 'a', split: 'test', lookAlikes: 'g' },
      { sha256: 'b', split: 'train', lookAlikes: null },
    ]);
  });

  test('is nothing where the lock is older, or another content lies under the name', () => {
    expect(recordedContents(lock(locked('a', { facts: null }), locked('b', { sha256: 'other' })), fetched)).toEqual([]);
    expect(recordedContents({ pictures: null, skipped: null, weights: null }, fetched)).toEqual([]);
  });
});

describe('sides of the split that the lock knows', () => {
  const placed = (name: string, split: 'train' | 'test') => ({
    record: record(`0/pikachu/${name}.png`, { sha256: name }),
    group: name,
    split,
  });

  test('and that are others now are W234, picture by picture', () => {
    const recorded = [
      { sha256: 'a', split: 'train', lookAlikes: null },
      { sha256: 'b', split: 'train', lookAlikes: null },
      { sha256: 'c', split: null, lookAlikes: null },
    ] as const;
    const now = [placed('a', 'train'), placed('b', 'test'), placed('c', 'test'), placed('new', 'test')];
    expect(compareSides(now, recorded)).toMatchObject([
      { code: 'W234', severity: 'warning', details: ['images/pikachu/b.png  train → test'] },
    ]);
    expect(compareSides(now.slice(0, 1), recorded)).toEqual([]);
  });
});

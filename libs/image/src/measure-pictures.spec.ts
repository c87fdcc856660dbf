import { silent } from '@graft/foundation';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeTraits, encodeTraits, measurePictures } from './measure-pictures';
import { fetched, noisy, removeTemporaryFolders, temporaryFolder } from './test-pictures';
import { measurePicture } from './traits';

afterAll(removeTemporaryFolders);

const png = (side: number): Promise<Buffer> => noisy(side, side).png().toBuffer();

/** Two pictures, the second of which cannot be read, and where their traits are kept. */
async function job() {
  const [files, cacheDirectory] = [await temporaryFolder(), await temporaryFolder()];
  const good = await fetched(files, 'a/good.png', await png(40), 'png');
  const cut = await fetched(files, 'a/cut.png', (await png(60)).subarray(0, 900), 'png');
  const options = { pictures: [good, cut], filesDirectory: files, cacheDirectory, concurrency: 2, report: silent };
  const kept = async () => {
    const names = await readdir(cacheDirectory, { recursive: true, withFileTypes: true });
    return names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  };
  return { options, good, cut, kept };
}

test('each content is measured once, and one that cannot be read has a reason', async () => {
  const { options, good, cut, kept } = await job();
  const measured = await measurePictures({
    ...options,
    pictures: [...options.pictures, { ...good, path: 'b/again.png' }],
  });
  expect([...measured.keys()]).toEqual([good.sha256, cut.sha256]);
  expect(measured.get(good.sha256)).toMatchObject({ ok: true, traits: { height: 40, width: 40 } });
  expect(measured.get(cut.sha256)).toMatchObject({ ok: false, reason: expect.stringContaining('ends early') });
  expect(await kept()).toHaveLength(1);
});

test('what was measured before is taken from the cache, without the picture', async () => {
  const { options, good } = await job();
  const first = await measurePictures({ ...options, pictures: [good] });
  const again = await measurePictures({ ...options, pictures: [good], filesDirectory: 'nowhere' });
  expect(again).toEqual(first);
});

test.each([
  ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['empty', () => Buffer.alloc(0)],
  ['changed by a bit', (bytes: Buffer) => bytes.with(100, bytes[100] ^ 1)],
  ['longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from(' ')])],
])('a kept entry that is %s is measured anew and mended', async (_, damage) => {
  const { options, good, kept } = await job();
  const first = await measurePictures({ ...options, pictures: [good] });
  const [file] = await kept();
  const before = await readFile(file);
  await writeFile(file, damage(before));
  expect(await measurePictures({ ...options, pictures: [good] })).toEqual(first);
  expect(await readFile(file)).toEqual(before);
});

test('traits survive the way to bytes and back; other bytes are none', async () => {
  const traits = await measurePicture(await png(50), 'png');
  const bytes = encodeTraits(traits);
  expect(decodeTraits(bytes)).toEqual({ ...traits, miniature: Buffer.from(traits.miniature) });
  for (const length of [0, 10, 32, bytes.length - 1]) expect(decodeTraits(bytes.subarray(0, length))).toBeNull();
});

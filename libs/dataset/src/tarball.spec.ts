import { gzipSync } from 'node:zlib';
import { readTarball } from './tarball';
import type { TarballLimits } from './tarball';
import { tarball } from './testing/registry';
import type { TarEntry } from './testing/registry';

const LIMITS: TarballLimits = { maxEntries: 100, maxTotalBytes: 10_000_000, maxFileBytes: 1000 };

async function read(compressed: Uint8Array, limits: Partial<TarballLimits> = {}) {
  const files: Record<string, string> = {};
  const tooLarge: string[] = [];
  // Small pieces, so that headers and contents are cut anywhere.
  const pieces = async function* () {
    for (let at = 0; at < compressed.length; at += 100) yield compressed.subarray(at, at + 100);
  };
  await readTarball(pieces(), {
    name: 'sprites@1.0.0',
    limits: { ...LIMITS, ...limits },
    wants: (path) => path.endsWith('.png'),
    onFile: async (path, bytes) => void (files[path] = Buffer.from(bytes).toString()),
    onTooLarge: (path) => tooLarge.push(path),
    onUnpacked: () => undefined,
  });
  return { files, tooLarge };
}

test('the wanted files come without the top folder, an empty one among them', async () => {
  const bytes = tarball([
    { path: 'package/', type: 'Directory' },
    { path: 'package/package.json', content: '{}' },
    { path: 'package/a/pikachu.png', content: 'p'.repeat(1000) },
    { path: 'package/empty.png' },
    { path: 'package/last.png', content: 'l' },
  ]);
  const { files } = await read(bytes);
  expect(files).toEqual({ 'a/pikachu.png': 'p'.repeat(1000), 'empty.png': '', 'last.png': 'l' });
});

test('a file larger than the limit is listed and not read', async () => {
  const bytes = tarball([
    { path: 'package/large.png', content: 'x'.repeat(1001) },
    { path: 'package/small.png', content: 's' },
  ]);
  expect(await read(bytes)).toEqual({ files: { 'small.png': 's' }, tooLarge: ['large.png'] });
});

test.each<[string, TarEntry]>([
  ['a path that climbs out', { path: 'package/../../evil.png', content: 'x' }],
  ['a path that climbs out, of a file nobody wants', { path: 'package/../evil.sh', content: 'x' }],
  ['an absolute path', { path: '/etc/evil.png', content: 'x' }],
  ['a drive letter', { path: 'C:/evil.png', content: 'x' }],
  ['a backslash', { path: 'package\\..\\evil.png', content: 'x' }],
  ['a symbolic link', { path: 'package/evil.png', type: 'SymbolicLink', linkpath: '/etc/passwd' }],
  ['a hard link', { path: 'package/evil.png', type: 'Link', linkpath: 'package/a.png' }],
  ['a device', { path: 'package/evil.png', type: 'CharacterDevice' }],
  ['a pipe', { path: 'package/evil.png', type: 'FIFO' }],
  [
    'a path in an extended header that climbs out',
    { path: 'PaxHeader', type: 'ExtendedHeader', content: '23 path=../../evil.png\n' },
  ],
])('%s is refused with E206', async (_, entry) => {
  const bytes = tarball([{ path: 'package/a.png', content: 'a' }, entry, { path: 'package/b.png', content: 'b' }]);
  await expect(read(bytes)).rejects.toMatchObject({ code: 'E206' });
});

test('a header too long to believe is refused with E206', async () => {
  const bytes = tarball([
    { path: 'PaxHeader', type: 'ExtendedHeader', content: 'x'.repeat(2 * 1024 * 1024) },
    { path: 'package/a.png', content: 'a' },
  ]);
  await expect(read(bytes)).rejects.toMatchObject({ code: 'E206' });
});

test('an archive that is cut off is refused with E206', async () => {
  const whole = Buffer.alloc(1024, 0);
  whole.set(Buffer.from('not a header at all'), 0);
  await expect(read(gzipSync(whole))).rejects.toMatchObject({ code: 'E206' });
});

test('more entries than allowed end the reading with E207', async () => {
  const entries = Array.from({ length: 4 }, (_, index) => ({ path: `package/${index}.txt` }));
  await expect(read(tarball(entries), { maxEntries: 3 })).rejects.toMatchObject({ code: 'E207' });
});

test('a small archive that unpacks without end is stopped with E207', async () => {
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  expect(bomb.length).toBeLessThan(30_000);
  await expect(read(bomb)).rejects.toMatchObject({ code: 'E207' });
});

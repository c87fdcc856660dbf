import { execFileSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ArchiveLimits } from './archive-reading';
import { archiveProblems } from './errors';
import { readArchive } from './read-archive';
import { temporaryFolder } from './testing/pictures';
import { tarball } from './testing/registry';
import type { TarEntry } from './testing/registry';
import { zip } from './testing/zip';
import type { ZipEntry } from './testing/zip';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const LIMITS: ArchiveLimits = {
  maxEntries: 50,
  maxTotalBytes: 10_000_000,
  maxFileBytes: 100_000,
  maxRatio: 100,
  ratioFromBytes: 1_000_000,
};

async function read(bytes: Uint8Array, strip = 0, limits: Partial<ArchiveLimits> = {}) {
  const path = join(folder.path, 'archive');
  await writeFile(path, bytes);
  const files: Record<string, string> = {};
  const tooLarge: string[] = [];
  const links: string[] = [];
  await readArchive(path, {
    kind: 'archive',
    strip,
    limits: { ...LIMITS, ...limits },
    problems: archiveProblems('extra.zip'),
    wants: (name) => name.endsWith('.png'),
    onFile: async (name, content) => void (files[name] = Buffer.from(content).toString()),
    onTooLarge: (name) => tooLarge.push(name),
    onLink: (name) => links.push(name),
    onProgress: () => undefined,
  });
  return { files, tooLarge, links };
}

const tar = (entries: readonly TarEntry[]): Buffer => gunzipSync(tarball(entries));

function xz(bytes: Uint8Array, ...options: readonly string[]): Buffer {
  return execFileSync('xz', ['-c', ...options], { input: bytes, maxBuffer: 1e9 });
}

const PICTURES = [
  { path: 'top/a.png', content: 'a' },
  { path: 'top/b/c.png', content: 'c'.repeat(100_000) },
  { path: 'top/notes.txt', content: 'n' },
];

type Pack = (entries: readonly (TarEntry & ZipEntry)[]) => Buffer;
const XZ_PACKERS: [string, Pack][] = hasXz() ? [['a tar.xz file', (entries) => xz(tar(entries))]] : [];

describe.each<[string, Pack]>([
  ['a zip file', zip],
  ['a zip file without compression', (entries) => zip(entries.map((entry) => ({ ...entry, stored: true })))],
  ['a tar file', tar],
  ['a tar.gz file', tarball],
  ...XZ_PACKERS,
])('%s', (_, pack) => {
  test('gives the wanted files, whole', async () => {
    expect((await read(pack(PICTURES))).files).toEqual({ 'top/a.png': 'a', 'top/b/c.png': 'c'.repeat(100_000) });
  });

  test('gives them without leading folders; what has no more is passed over', async () => {
    expect(Object.keys((await read(pack(PICTURES), 1)).files)).toEqual(['a.png', 'b/c.png']);
    expect(Object.keys((await read(pack(PICTURES), 2)).files)).toEqual(['c.png']);
    expect((await read(pack(PICTURES), 3)).files).toEqual({});
  });

  test('lists what is too large and does not read it', async () => {
    const { files, tooLarge } = await read(pack(PICTURES), 0, { maxFileBytes: 99_999 });
    expect([Object.keys(files), tooLarge]).toEqual([['top/a.png'], ['top/b/c.png']]);
  });

  test.each([
    ['a path that climbs out', '../evil.png'],
    ['a path that climbs out behind a folder', 'top/../../evil.png'],
    ['an absolute path', '/etc/evil.png'],
    ['a Windows path', 'top\\evil.png'],
    ['a path that climbs out in the Windows way', '..\\..\\evil.png'],
    ['a drive letter', 'C:/evil.png'],
    ['a drive letter without a slash', 'c:evil.png'],
    ['a path with a line break', 'top/a\nb.png'],
    ['a path that climbs out, of a file nobody wants', '../../.ssh/authorized_keys'],
  ])('with %s is refused with E247, which names archive and entry', async (_name, path) => {
    await expect(read(pack([PICTURES[0], { path, content: 'x' }]))).rejects.toMatchObject({
      code: 'E247',
      message: `the archive extra.zip is refused: ${JSON.stringify(path)} is not a path inside`,
    });
    expect(await readdir(folder.path)).toEqual(['archive']);
  });

  test('with a name twice is refused with E247', async () => {
    const twice = pack([...PICTURES, { path: 'top/./a.png', content: 'other' }]);
    await expect(read(twice)).rejects.toMatchObject({
      code: 'E247',
      message: expect.stringContaining('top/./a.png" is there twice'),
    });
    const afterStrip = pack([...PICTURES, { path: 'pot/a.png', content: 'other' }]);
    await expect(read(afterStrip, 1)).rejects.toMatchObject({ code: 'E247' });
    expect((await read(afterStrip)).files['pot/a.png']).toBe('other');
  });

  test('with more entries than allowed is E248', async () => {
    const many = Array.from({ length: 51 }, (__, index) => ({ path: `${index}.txt` }));
    await expect(read(pack(many))).rejects.toMatchObject({
      code: 'E248',
      message: expect.stringContaining('extra.zip'),
    });
  });

  test('that is cut off is E249', async () => {
    const whole = pack(PICTURES);
    for (const share of [0.3, 0.6, 0.9]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      await expect(read(cut)).rejects.toMatchObject({ code: 'E249', message: expect.stringContaining('extra.zip') });
    }
  });
});

const LINK = 0o120777;

test('a link that leads out is refused with E247, one that stays inside is left out and told', async () => {
  for (const target of ['/etc/passwd', '../../x.png', '..\\x.png', 'C:/x.png', '../..']) {
    const packed = zip([{ path: 'top/evil.png', content: target, mode: LINK }]);
    await expect(read(packed)).rejects.toMatchObject({
      code: 'E247',
      message: expect.stringContaining('"top/evil.png"'),
    });
    const taped = tar([{ path: 'top/evil.png', type: 'SymbolicLink', linkpath: target }]);
    await expect(read(taped)).rejects.toMatchObject({ code: 'E247', message: expect.stringContaining('leads out') });
  }
  const hard = tar([{ path: 'top/evil.png', type: 'Link', linkpath: '../etc/passwd' }]);
  await expect(read(hard)).rejects.toMatchObject({ code: 'E247' });
  const inside = [
    { path: 'top/b.png', type: 'SymbolicLink', linkpath: '../a.png' },
    { path: 'c.png', type: 'Link', linkpath: 'a.png' },
  ] as const;
  expect((await read(tar([{ path: 'a.png', content: 'a' }, ...inside]))).links).toEqual(['top/b.png', 'c.png']);
  expect((await read(zip([{ path: 'top/b.png', content: '../a.png', mode: LINK }]))).links).toEqual(['top/b.png']);
});

test.each<[string, Buffer]>([
  ['a device in a tar file', tar([{ path: 'a.png', type: 'CharacterDevice' }])],
  ['a pipe in a tar file', tar([{ path: 'a.png', type: 'FIFO' }])],
  ['a device in a zip file', zip([{ path: 'a.png', mode: 0o020644 }])],
  ['an encrypted file', zip([{ path: 'a.png', content: 'x', flags: 1 }])],
])('%s is refused with E247', async (_, bytes) => {
  await expect(read(bytes)).rejects.toMatchObject({ code: 'E247', message: expect.stringContaining('"a.png"') });
});

test('an archive that is packed twice is refused with E247: nobody would weigh what comes out', async () => {
  const twice = gzipSync(tarball(PICTURES));
  await expect(read(twice)).rejects.toMatchObject({ code: 'E247', message: expect.stringContaining('packed twice') });
});

describe('bombs', () => {
  const zeros = Buffer.alloc(5_000_000);

  test('a file of zeros in a tar.gz is E248 long before it is unpacked', async () => {
    let told: unknown;
    await read(tarball([{ path: 'zeros.bin', content: zeros }])).catch((error: unknown) => (told = error));
    expect(told).toMatchObject({ code: 'E248', message: expect.stringContaining('over 100 times as much') });
  });

  test('a file of zeros in a zip is E248, unless nobody wants it', async () => {
    const limits = { maxFileBytes: 10_000_000 };
    await expect(read(zip([{ path: 'zeros.png', content: zeros }]), 0, limits)).rejects.toMatchObject({ code: 'E248' });
    expect((await read(zip([{ path: 'zeros.bin', content: zeros }]), 0, limits)).files).toEqual({});
  });

  test('many entries of a zip that share their bytes are E248', async () => {
    const one = { path: '0.png', content: Buffer.alloc(90_000) };
    const copies = Array.from({ length: 40 }, (_, index) => ({
      ...one,
      path: `${index + 1}.png`,
      lies: { offset: 0 },
    }));
    // Only the first copy of the bytes stays: the others are named by the directory alone.
    const bomb = zip([one, ...copies]);
    await expect(read(bomb, 0, { maxTotalBytes: 2_000_000 })).rejects.toMatchObject({ code: 'E248' });
  });

  test('a zip whose directory says less than comes is E249', async () => {
    const liar = zip([{ path: 'a.png', content: zeros, lies: { size: 100 } }]);
    await expect(read(liar)).rejects.toMatchObject({ code: 'E249', message: expect.stringContaining('"a.png"') });
  });

  (hasXz() ? test : test.skip)('a file of zeros in a tar.xz is E248 (skipped where there is no xz)', async () => {
    await expect(read(xz(tar([{ path: 'z', content: zeros }])))).rejects.toMatchObject({ code: 'E248' });
  });
});

describe('damage is E249', () => {
  test.each<[string, Buffer]>([
    ['a wrong checksum in a zip', zip([{ path: 'a.png', content: 'a', lies: { crc32: 1 } }])],
    ['an unknown compression', zip([{ path: 'a.png', content: 'a', lies: { method: 99 } }])],
    ['a file that lies beyond the end', zip([{ path: 'a.png', content: 'a', lies: { offset: 5000 } }])],
    ['an empty tar.gz', gzipSync(Buffer.alloc(0))],
    ['a spoilt central directory', spoilt(zip(PICTURES), 'PK\u0001\u0002')],
    ['text', Buffer.from('<!DOCTYPE html><p>404')],
    ['nothing', Buffer.alloc(0)],
    ['a gzip of something else', gzipSync(Buffer.from('x'.repeat(2000)))],
    ['a gzip that was changed', changed(tarball(PICTURES))],
  ])('%s', async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'E249', message: expect.stringContaining('extra.zip') });
  });

  (hasXz() ? test : test.skip)('xz that is spoilt, or packed so that it needs too much memory', async () => {
    const good = xz(
      tar([{ path: 'a.png', content: Buffer.from(Array.from({ length: 9999 }, (_, i) => (i * i) % 251)) }]),
    );
    await expect(read(changed(good))).rejects.toMatchObject({
      code: 'E249',
      message: expect.stringContaining('xz data are damaged'),
    });
    const large = xz(tar(PICTURES), '--lzma2=dict=1GiB');
    await expect(read(large)).rejects.toMatchObject({ code: 'E249', message: expect.stringContaining('dictionary') });
    // The decompressor serves one stream at a time: those that failed must not hold it.
    expect((await read(xz(tar(PICTURES)))).files['top/a.png']).toBe('a');
    expect(
      (await read(Buffer.concat([xz(tar(PICTURES).subarray(0, 1024)), xz(tar(PICTURES).subarray(1024))]))).files[
        'top/a.png'
      ],
    ).toBe('a');
  });
});

function spoilt(bytes: Buffer, signature: string): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0, copy.lastIndexOf(signature, undefined, 'latin1'), copy.lastIndexOf(signature, undefined, 'latin1') + 4);
  return copy;
}

function changed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = Math.floor(copy.length / 2); at < copy.length / 2 + 8; at++) copy[at] ^= 0x55;
  return copy;
}

function hasXz(): boolean {
  try {
    execFileSync('xz', ['--version']);
    return true;
  } catch {
    return false;
  }
}

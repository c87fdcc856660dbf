import { readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';
import type { ArchiveSource } from '@graft/spec';
import type { FetchPicturesOptions } from './fetch-options';
import { fetchPictures } from './fetch-pictures';
import { archiveSpec, dieAfter, etagOf, status } from './testing/picture-server';
import { fetchOptions, png, writeFiles } from './testing/pictures';
import { tarball } from './testing/registry';
import { complaintsOf, surroundings } from './testing/surroundings';
import { zip } from './testing/zip';

const here = surroundings();

const ENTRIES = [
  { path: 'extra-1.0/pikachu/p.png', content: png('p') },
  { path: 'extra-1.0/charizard/c.png', content: png('c') },
  { path: 'extra-1.0/charizard/readme.md', content: 'not wanted' },
  { path: 'extra-1.0/other/o.png', content: png('o') },
];
const ARCHIVE = tarball(ENTRIES);

const fetch = (source: Partial<ArchiveSource>, changes: Partial<FetchPicturesOptions> = {}) =>
  fetchPictures(
    fetchOptions(here.folder, { sources: [archiveSpec(source)], pauses: { firstMs: 5, longestMs: 50 }, ...changes }),
  );

const failure = async (source: Partial<ArchiveSource>, changes: Partial<FetchPicturesOptions> = {}) =>
  (await complaintsOf(fetch(source, changes)))[0];

const online = (bytes: Buffer = ARCHIVE) => ({ url: here.server.put('/extra.tgz', bytes), sha256: sha256(bytes) });

describe('an archive on the disk', () => {
  test('gives its pictures by class folder, with licence and credit of the source', async () => {
    await writeFiles(here.folder, { 'extra.zip': zip(ENTRIES) });
    const credit = { license: 'CC-BY-4.0', attribution: 'A. Person' };
    const { list, downloadedBytes } = await fetch({ path: './extra.zip', stripComponents: 1, ...credit });
    expect(list.pictures).toMatchObject([
      { path: '0/charizard/c.png', label: 'charizard', source: 'archive:./extra.zip', ...credit },
      { path: '0/pikachu/p.png', label: 'pikachu', sha256: sha256(png('p')), ...credit },
    ]);
    expect(downloadedBytes).toBe(0);
  });

  test('gives them by globs of a class, without those that are excluded', async () => {
    await writeFiles(here.folder, { 'extra.tar.gz': ARCHIVE });
    const pictures = { pikachu: ['**/other/*', '**/p.png'], charizard: ['**/c.png'] };
    const { list } = await fetch({ path: 'extra.tar.gz', pictures, exclude: ['**/p.png'] });
    expect(list.pictures.map(({ path, label }) => [path, label])).toEqual([
      ['0/extra-1.0/charizard/c.png', 'charizard'],
      ['0/extra-1.0/other/o.png', 'pikachu'],
    ]);
  });

  test('that changed is read anew', async () => {
    await writeFiles(here.folder, { 'extra.zip': zip(ENTRIES) });
    await fetch({ path: 'extra.zip' });
    await writeFiles(here.folder, { 'extra.zip': zip([...ENTRIES, { path: 'pikachu/new.png', content: png('new') }]) });
    expect((await fetch({ path: 'extra.zip' })).list.pictures).toHaveLength(3);
  });

  test('that is missing is E246, another one than the spec names E244', async () => {
    expect(await failure({ path: 'extra.zip' })).toMatchObject({ code: 'E246', message: 'extra.zip cannot be read' });
    await writeFiles(here.folder, { 'extra.zip': zip(ENTRIES) });
    const expected = 'f'.repeat(64);
    expect(await failure({ path: 'extra.zip', sha256: expected })).toMatchObject({
      code: 'E244',
      details: [`expected ${expected}`, `got      ${sha256(zip(ENTRIES))}`],
    });
  });

  test('with a path that climbs out is E247, and nothing is written beside the store', async () => {
    await writeFiles(here.folder, {
      'work/extra.zip': zip([...ENTRIES, { path: '../../evil.png', content: png('e') }]),
    });
    const changes = { baseDirectory: join(here.folder, 'work') };
    const { code, message } = await failure({ path: 'extra.zip' }, changes);
    expect([code, message]).toEqual([
      'E247',
      'the archive extra.zip is refused: "../../evil.png" is not a path inside',
    ]);
    expect((await readdir(here.folder)).sort()).toEqual(['.graft', 'work']);
    expect(await readdir(join(here.folder, 'work'))).toEqual(['extra.zip']);
  });

  test('that unpacks to a thousand times its size is E248', async () => {
    await writeFile(
      join(here.folder, 'bomb.tgz'),
      tarball([{ path: 'pikachu/z.png', content: Buffer.alloc(20_000_000) }]),
    );
    expect(await failure({ path: 'bomb.tgz' })).toMatchObject({
      code: 'E248',
      message: expect.stringContaining('bomb.tgz'),
    });
  });

  test('with links tells which are left out: W247', async () => {
    const link = { path: 'pikachu/link.png', type: 'SymbolicLink', linkpath: 'p.png' } as const;
    await writeFiles(here.folder, { 'extra.tgz': tarball([...ENTRIES, link]) });
    const { warnings } = await fetch({ path: 'extra.tgz' });
    expect(warnings).toMatchObject([{ code: 'W247', details: ['pikachu/link.png'] }]);
  });
});

describe('an archive from an address', () => {
  test('is downloaded once; a second run and other globs move no byte', async () => {
    const source = online();
    const first = await fetch(source);
    expect([first.downloadedBytes, here.server.bytesSent]).toEqual([ARCHIVE.length, ARCHIVE.length]);
    const again = await fetch(source);
    expect([again.downloadedBytes, again.list]).toEqual([0, first.list]);
    expect((await fetch({ ...source, exclude: ['**/none'] })).downloadedBytes).toBe(0);
    expect([here.server.requests, here.server.bytesSent]).toEqual([['/extra.tgz'], ARCHIVE.length]);
  });

  test('goes on where a server died, in the same run and in the next', async () => {
    const large = tarball([...ENTRIES, { path: 'noise.bin', content: noise(300_000) }]);
    const source = online(large);
    here.server.answerWith('/extra.tgz', dieAfter(100_000), dieAfter(100_000));
    expect(await failure(source, { retries: 1 })).toMatchObject({
      code: 'E240',
      details: [expect.stringMatching(/abort|reset|hang up/)],
    });
    const { downloadedBytes } = await fetch(source);
    expect(here.server.requests).toEqual(['/extra.tgz', '/extra.tgz bytes=100000-', '/extra.tgz bytes=200000-']);
    expect([downloadedBytes, here.server.bytesSent]).toEqual([large.length - 200_000, large.length]);
  });

  test('begins anew where the file behind the address became another one', async () => {
    const old = tarball([{ path: 'noise.bin', content: noise(200_000) }]);
    here.server.put('/extra.tgz', old);
    here.server.answerWith('/extra.tgz', dieAfter(50_000));
    await failure({ url: `${here.server.url}/extra.tgz`, sha256: sha256(ARCHIVE) });
    expect((await fetch(online())).list.pictures).toHaveLength(2);
    expect(here.server.requests).toEqual(['/extra.tgz', '/extra.tgz bytes=50000-']);
  });

  test('begins anew where what an earlier run left is spoilt', async () => {
    const large = tarball([...ENTRIES, { path: 'noise.bin', content: noise(200_000) }]);
    const source = online(large);
    here.server.answerWith('/extra.tgz', dieAfter(50_000));
    await failure(source);
    const partial = join(here.folder, '.graft/store/partial');
    const [left] = await readdir(partial);
    await writeFile(join(partial, left, 'bytes'), Buffer.alloc(50_000));
    expect((await fetch(source)).list.pictures).toHaveLength(2);
    expect(here.server.requests).toHaveLength(3);
    expect(await readdir(partial)).toEqual([]);
  });

  test('that is another file is E244, and none of it is kept', async () => {
    const source = { ...online(), sha256: '0'.repeat(64) };
    expect(await failure(source)).toMatchObject({ code: 'E244', message: expect.stringContaining('/extra.tgz') });
    expect(existsSync(join(here.folder, '.graft/store/objects'))).toBe(false);
  });

  test('that is gone is E240', async () => {
    here.server.answerWith('/extra.tgz', status(410));
    expect(await failure(online())).toMatchObject({ code: 'E240', details: ['the server answered 410'] });
  });

  test('that is larger than any archive of pictures is E242 before its bytes come', async () => {
    here.server.answerWith('/extra.tgz', (_, response) => {
      response.writeHead(200, { 'content-length': 17 * 1024 ** 3 });
      response.flushHeaders();
    });
    expect(await failure(online())).toMatchObject({
      code: 'E242',
      message: expect.stringContaining('larger than 16384.0 MiB'),
    });
  });

  test('whose server falls silent is E243, and the next run goes on from there', async () => {
    here.server.answerWith('/extra.tgz', (_, response, content) => {
      response.writeHead(200, { etag: etagOf(content), 'content-length': content.length });
      response.write(content.subarray(0, 100));
    });
    const times = { idleMs: 200, totalMs: 5000 };
    expect(await failure(online(), { times })).toMatchObject({
      code: 'E243',
      message: expect.stringContaining('nearly nothing came for 0.2 s'),
    });
    await fetch(online());
    expect(here.server.requests).toEqual(['/extra.tgz', '/extra.tgz bytes=100-']);
  });

  test('of the own network is E241 unless that is allowed', async () => {
    expect(await failure({ ...online(), allowPrivate: false })).toMatchObject({ code: 'E241' });
    expect(here.server.requests).toEqual([]);
  });

  test('comes from a mirror', async () => {
    const { sha256: digest } = online();
    const mirrors = { 'https://pictures.example.org/': `${here.server.url}/` };
    const url = 'https://pictures.example.org/extra.tgz';
    const { list } = await fetch({ url, sha256: digest, allowPrivate: false }, { mirrors });
    expect(list.pictures[0].source).toBe(`archive:${url}`);
  });
});

/** Bytes that do not shrink, the same in every run. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@graft/foundation';
import { fetchPictures } from './fetch-pictures';
import { makeUrlList } from './make-url-list';
import type { UrlListOptions } from './make-url-list';
import { httpSpec } from './testing/picture-server';
import { fetchOptions, png, writeFiles } from './testing/pictures';
import { complaintsOf, surroundings } from './testing/surroundings';
import { renderUrlList } from './url-list';

const here = surroundings();

const make = (from: string, changes: Partial<UrlListOptions> = {}) =>
  makeUrlList({
    from: join(here.folder, from),
    baseUrl: 'https://pictures.example.org/set/',
    ...{ label: null, license: null, attribution: null, known: [], allowPrivate: true, maxFileBytes: 1000, retries: 0 },
    mirrors: {},
    workspaceRoot: here.folder,
    storeDirectory: fetchOptions(here.folder).storeDirectory,
    ...changes,
  });

const failure = (from: string, changes: Partial<UrlListOptions> = {}) => complaintsOf(make(from, changes));

describe('a folder', () => {
  test('becomes a list with an address, digest and label for each picture', async () => {
    await writeFiles(here.folder, { 'set/pikachu/a b.png': png('a'), 'set/more/charizard/ü.png': png('u') });
    const { pictures, downloadedBytes } = await make('set', { license: 'CC0-1.0' });
    expect(downloadedBytes).toBe(0);
    expect(renderUrlList(pictures)).toBe(
      'url,sha256,label,license\n' +
        `https://pictures.example.org/set/more/charizard/%C3%BC.png,${sha256(png('u'))},charizard,CC0-1.0\n` +
        `https://pictures.example.org/set/pikachu/a%20b.png,${sha256(png('a'))},pikachu,CC0-1.0\n`,
    );
  });

  test('need not be published yet for the first fetch: its pictures are in the store', async () => {
    await writeFiles(here.folder, { 'set/pikachu/a.png': png('a'), 'set/charizard/c.png': png('c') });
    const { pictures } = await make('set');
    await writeFiles(here.folder, { 'urls.csv': renderUrlList(pictures) });
    const { list, downloadedBytes } = await fetchPictures(
      fetchOptions(here.folder, { sources: [httpSpec({ list: 'urls.csv', allowPrivate: false })] }),
    );
    expect([list.pictures.length, downloadedBytes]).toEqual([2, 0]);
  });

  test('with what is no picture, too large or in no folder is told file by file', async () => {
    await writeFiles(here.folder, {
      'set/pikachu/a.png': 'text',
      'set/b.png': png('b'),
      'set/pikachu/c.png': Buffer.alloc(1001),
    });
    const diagnostics = await failure('set');
    expect(diagnostics.map(({ code }) => code)).toEqual(['E212', 'E213']);
    expect(diagnostics[0].details?.join()).toMatch(/b\.png +lies in no folder.*pikachu\/a\.png +is a text/);
  });

  test('with links that lead out is E205', async () => {
    await writeFiles(here.folder, { 'set/pikachu/a.png': png('a'), 'out.png': png('o') });
    await symlink(join(here.folder, 'out.png'), join(here.folder, 'set', 'pikachu', 'link.png'));
    expect(await failure('set')).toMatchObject([{ code: 'E205' }]);
  });

  test('without a usable address is E262, one that is missing E246', async () => {
    await writeFiles(here.folder, { 'set/pikachu/a.png': png('a') });
    await expect(make('set', { baseUrl: null })).rejects.toMatchObject({ code: 'E262' });
    await expect(make('set', { baseUrl: 'ftp://x' })).rejects.toMatchObject({ code: 'E262' });
    await expect(make('none')).rejects.toMatchObject({ code: 'E246' });
  });
});

describe('a file of addresses', () => {
  test('becomes a list; each is downloaded once, also for the first fetch, and not again for a longer list', async () => {
    const [a, c] = [here.server.put('/a.png', png('a')), here.server.put('/c.png', png('c'))];
    await writeFiles(here.folder, { 'in.csv': `url,label,attribution\n${a},pikachu,A. Person\n${c},charizard,\n` });
    const first = await make('in.csv', { attribution: 'somebody' });
    expect(renderUrlList(first.pictures)).toBe(
      `url,sha256,label,attribution\n${c},${sha256(png('c'))},charizard,somebody\n${a},${sha256(png('a'))},pikachu,A. Person\n`,
    );
    expect([first.downloadedBytes, here.server.requests.length]).toEqual([here.server.bytesSent, 2]);
    await writeFiles(here.folder, { 'urls.csv': renderUrlList(first.pictures) });
    const fetched = await fetchPictures(fetchOptions(here.folder, { sources: [httpSpec({ list: 'urls.csv' })] }));
    expect([fetched.downloadedBytes, here.server.requests.length]).toEqual([0, 2]);
    const b = here.server.put('/b.png', png('b'));
    await writeFiles(here.folder, { 'in.csv': `url,label\n${a},pikachu\n${b},pikachu\n` });
    const longer = await make('in.csv', { known: first.pictures });
    expect(longer.pictures.map(({ url }) => url).sort()).toEqual([a, b, c].sort());
    expect(here.server.requests.slice(2)).toEqual(['/b.png']);
  });

  test('is asked from mirrors, and names the addresses as they are', async () => {
    here.server.put('/copy/p/a.png', png('a'));
    await writeFiles(here.folder, {
      'mirror/c.png': png('c'),
      'in.csv': 'url,label\nhttps://a.example/p/a.png,pikachu\nhttps://b.example/c.png,charizard\n',
    });
    const mirrors = { 'https://a.example/': `${here.server.url}/copy/`, 'https://b.example/': './mirror/' };
    const { pictures } = await make('in.csv', { mirrors, allowPrivate: false });
    expect(pictures.map(({ url, sha256: digest }) => [url, digest])).toEqual([
      ['https://a.example/p/a.png', sha256(png('a'))],
      ['https://b.example/c.png', sha256(png('c'))],
    ]);
    expect(here.server.requests).toEqual(['/copy/p/a.png']);
  });

  test('with addresses that give no picture is E260, all of them named', async () => {
    const page = here.server.put('/page', Buffer.from('<!DOCTYPE html>'));
    await writeFiles(here.folder, { 'in.txt': `${page}\n${here.server.url}/gone.png\n` });
    const [diagnostic] = await failure('in.txt', { label: 'pikachu' });
    expect([diagnostic.code, diagnostic.details]).toEqual([
      'E260',
      [
        `${here.server.url}/gone.png  the server answered 404`,
        `${page}  is an HTML page, not a picture (a failed download?)`,
      ],
    ]);
  });

  test('of the own network, or without https, is refused where that is not allowed', async () => {
    await writeFiles(here.folder, { 'in.txt': `${here.server.url}/a.png\nhttps://localhost/b.png\n` });
    const [{ details }] = await failure('in.txt', { label: 'pikachu', allowPrivate: false });
    expect(details).toEqual([
      expect.stringContaining('it is not https'),
      expect.stringMatching(/localhost is refused: it stands for/),
    ]);
    expect(here.server.requests).toEqual([]);
  });
});

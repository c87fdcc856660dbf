import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '@graft/foundation';
import type { StageEvent } from '@graft/foundation';
import type { NpmSource, SourceSpec } from '@graft/spec';
import type { FetchPicturesOptions } from './fetch-options';
import { fetchPictures } from './fetch-pictures';
import { recordFacts } from './lock';
import { ContentStore } from './store';
import { fetchOptions, jpeg, png, temporaryFolder, writeFiles } from './testing/pictures';
import { FakeRegistry, integrityOf, tarball } from './testing/registry';
import { complaintsOf } from './testing/surroundings';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const GOOD = {
  'images/pikachu/a.png': png('a'),
  'images/pikachu/deep/er/b.JPG': jpeg('b'),
  'images/Mega-charizard/c.png': png('c'),
  'images/readme.md': 'not wanted',
};

const fetch = (changes: Partial<FetchPicturesOptions> = {}) => fetchPictures(fetchOptions(folder.path, changes));
const pathsOf = (result: Awaited<ReturnType<typeof fetch>>) => result.list.pictures.map(({ path }) => path);
const npm = (changes: Partial<NpmSource>): NpmSource => ({
  type: 'npm',
  ...{ package: 'sprites', version: '1.0.0', integrity: '', pictures: null, use: 'all' },
  ...{ include: null, exclude: [], license: 'CC0-1.0', attribution: null },
  ...changes,
});
const directory = (changes: object = {}): SourceSpec => ({ ...fetchOptions('').sources[0], ...changes }) as SourceSpec;

const failure = (changes: Partial<FetchPicturesOptions> = {}) => complaintsOf(fetch(changes));

describe('a directory source', () => {
  test('gives each picture the class of its innermost class folder, and its real format', async () => {
    await writeFiles(folder.path, GOOD);
    const { list, warnings, downloadedBytes } = await fetch();
    expect(list.pictures.map(({ path, label, format, source }) => [path, label, format, source])).toEqual([
      ['0/Mega-charizard/c.png', 'charizard', 'png', 'directory:./images'],
      ['0/pikachu/a.png', 'pikachu', 'png', 'directory:./images'],
      ['0/pikachu/deep/er/b.JPG', 'pikachu', 'jpeg', 'directory:./images'],
    ]);
    expect([warnings, downloadedBytes]).toEqual([[], 0]);
  });

  test('writes the list and each content once, by digest and format', async () => {
    await writeFiles(folder.path, { ...GOOD, 'images/pikachu/copy.png': png('a') });
    const { list } = await fetch();
    expect(await readFile(join(folder.path, 'out', 'pictures.json'), 'utf8')).toBe(canonicalJson(list));
    const files = [`${sha256(png('a'))}.png`, `${sha256(jpeg('b'))}.jpeg`, `${sha256(png('c'))}.png`].sort();
    expect((await readdir(join(folder.path, 'out', 'files'))).sort()).toEqual(files);
  });

  test('gives the same bytes in another folder on another day', async () => {
    const other = await temporaryFolder();
    await writeFiles(folder.path, GOOD);
    await writeFiles(other.path, Object.fromEntries(Object.entries(GOOD).reverse()));
    const [here, there] = [await fetch(), await fetchPictures(fetchOptions(other.path))];
    expect(there.lockText).toBe(here.lockText);
    await other.remove();
  });

  test('that is a file is E201, whatever on_missing says', async () => {
    await writeFiles(folder.path, { 'images.zip': 'PK' });
    const sources = [directory({ path: './images.zip', onMissing: 'skip' })];
    expect(await failure({ sources })).toMatchObject([
      { code: 'E201', message: 'the picture folder ./images.zip is a file' },
    ]);
  });

  test('that is missing is E201, or skipped with W201', async () => {
    expect(await failure()).toMatchObject([{ code: 'E201', message: expect.stringContaining('./images') }]);
    await writeFiles(folder.path, { 'more/pikachu/a.png': png('a'), 'more/charizard/c.png': png('c') });
    const { warnings } = await fetch({ sources: [directory({ onMissing: 'skip' }), directory({ path: 'more' })] });
    expect(warnings).toMatchObject([{ code: 'W201' }]);
  });

  test('names files in no class folder with their number, W217', async () => {
    await writeFiles(folder.path, {
      ...GOOD,
      'images/x.png': png('x'),
      'images/misc/y.png': png('y'),
      'images/misc/z.png': png('z'),
    });
    const { warnings } = await fetch();
    expect(warnings).toMatchObject([
      { code: 'W217', message: expect.stringContaining('3 pictures'), details: ['.: 1 file', 'misc: 2 files'] },
    ]);
  });

  test('takes and leaves files by glob, whatever the case of the letters', async () => {
    await writeFiles(folder.path, {
      ...GOOD,
      'images/pikachu/thumbs/t.png': png('t'),
      'images/pikachu/.hidden.png': 'x',
    });
    const { list } = await fetch({ exclude: ['**/THUMBS/**'] });
    expect(list.pictures).toHaveLength(3);
    const own = directory({ include: ['**/*.png'] });
    expect(pathsOf(await fetch({ sources: [own] }))).not.toContain('0/pikachu/deep/er/b.JPG');
  });

  test('follows links that stay inside, once, and names those that lead out: E205', async () => {
    await writeFiles(folder.path, GOOD);
    await symlink(join(folder.path, 'images', 'pikachu'), join(folder.path, 'images', 'pikachu', 'deep', 'loop'));
    await symlink(join(folder.path, 'images', 'pikachu', 'a.png'), join(folder.path, 'images', 'pikachu', 'link.png'));
    const inside = await fetch();
    expect(pathsOf(inside)).toEqual([
      '0/Mega-charizard/c.png',
      '0/pikachu/a.png',
      '0/pikachu/deep/er/b.JPG',
      '0/pikachu/link.png',
    ]);
    await writeFiles(folder.path, { 'elsewhere/e.png': png('e') });
    await symlink(join(folder.path, 'elsewhere'), join(folder.path, 'images', 'pikachu', 'out'));
    expect(await failure()).toMatchObject([{ code: 'E205', details: ['pikachu/out'] }]);
  });

  test('takes names with spaces, quotes, line breaks and letters of any kind, and the lock fits the next run', async () => {
    const names = ['a b.png', 'new\nline.png', '"q", x.png', 'ü – 皮卡丘.png', '-n.png', '%2e%2e.png'];
    const files = names.map((name) => [`images/pikachu/${name}`, png(name)] as const);
    await writeFiles(folder.path, { 'images/charizard/c.png': png('c'), ...Object.fromEntries(files) });
    const { list, lockText } = await fetch();
    const paths = list.pictures.map(({ path }) => path.slice('0/pikachu/'.length));
    expect(paths).toEqual(expect.arrayContaining(names));
    // One line a picture, whatever it is called.
    expect(lockText.split('\n').filter((line) => line.includes('"sha256"'))).toHaveLength(names.length + 1);
    await fetch({ lock: { mode: 'required', text: lockText, path: 'experiment.lock.json' } });
  });

  test('names a link to nothing', async () => {
    await writeFiles(folder.path, GOOD);
    await symlink('nowhere.png', join(folder.path, 'images', 'pikachu', 'dangling.png'));
    expect((await fetch()).list.refused).toEqual([
      { path: 'images/pikachu/dangling.png', reason: 'cannot be opened (ENOENT)', label: 'pikachu' },
    ]);
  });
});

describe('bad pictures', () => {
  const BAD = {
    ...GOOD,
    'images/pikachu/empty.png': '',
    'images/pikachu/page.jpg': '<!DOCTYPE html><p>404',
    'images/charizard/cut.jpg': Buffer.from('ffd8ffe0', 'hex'),
  };

  test('are handed on with the reason, beside the pictures', async () => {
    await writeFiles(folder.path, BAD);
    const { list, warnings, lockText } = await fetch();
    expect(list.pictures).toHaveLength(3);
    expect(list.refused).toEqual([
      { path: 'images/charizard/cut.jpg', reason: 'ends early at byte 4 (truncated JPEG)', label: 'charizard' },
      { path: 'images/pikachu/empty.png', reason: 'is empty', label: 'pikachu' },
      {
        path: 'images/pikachu/page.jpg',
        reason: 'is an HTML page, not a picture (a failed download?)',
        label: 'pikachu',
      },
    ]);
    expect(warnings).toEqual([]);
    expect(lockText).not.toContain('empty.png');
  });

  test('of too many bytes are E213', async () => {
    await writeFiles(folder.path, {
      ...GOOD,
      'images/pikachu/large.png': Buffer.concat([png('l'), Buffer.alloc(1000)]),
    });
    expect(await failure({ limits: { maxPerClass: null, maxFileBytes: 500 } })).toMatchObject([
      { code: 'E213', details: [expect.stringContaining('images/pikachu/large.png')] },
    ]);
  });

  test('under a wrong extension are known by their true format', async () => {
    await writeFiles(folder.path, { ...GOOD, 'images/pikachu/w.jpg': png('w') });
    expect((await fetch()).list.pictures).toContainEqual(
      expect.objectContaining({ path: '0/pikachu/w.jpg', format: 'png' }),
    );
  });
});

test('a class without a picture is E210 and told where to put some', async () => {
  await writeFiles(folder.path, { 'images/pikachu/a.png': png('a') });
  const [diagnostic] = await failure({ sources: [directory({ path: './images/' })] });
  expect(diagnostic).toMatchObject({ code: 'E210', details: ['put pictures into ./images/charizard/'] });
  expect(diagnostic.message).toContain('"charizard"');
});

test('a limit of pictures for a class keeps distinct pictures in the order of their digests', async () => {
  const files = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`images/pikachu/${i}.png`, png(`${i % 6}`)]));
  await writeFiles(folder.path, { ...files, 'images/charizard/c.png': png('c') });
  const events: StageEvent[] = [];
  const { list } = await fetch({
    limits: { maxPerClass: 4, maxFileBytes: 9999 },
    report: (event) => events.push(event),
  });
  const kept = list.pictures.filter(({ label }) => label === 'pikachu').map((record) => record.sha256);
  const all = Array.from({ length: 6 }, (_, i) => sha256(png(`${i}`))).sort();
  expect(kept.sort()).toEqual(all.slice(0, 4));
  expect(events).toContainEqual({ type: 'note', message: expect.stringContaining('4 of 9') });
});

describe('the lock', () => {
  const lock = (text: string | null, mode: 'auto' | 'required' | 'none' = 'auto') => ({ mode, text, path: 'l.json' });

  test('that was written fits the next run', async () => {
    await writeFiles(folder.path, GOOD);
    const { lockText } = await fetch();
    expect((await fetch({ lock: lock(lockText, 'required') })).lockText).toBe(lockText);
  });

  test('that differs is E230, is passed over by mode none, and renewed by update', async () => {
    await writeFiles(folder.path, GOOD);
    const { lockText } = await fetch();
    await writeFiles(folder.path, { 'images/pikachu/a.png': png('changed'), 'images/pikachu/new.png': png('new') });
    const [diagnostic] = await failure({ lock: lock(lockText) });
    expect(diagnostic).toMatchObject({ code: 'E230', hint: expect.stringContaining('npx nx run pokedex:lock') });
    expect(diagnostic.details).toHaveLength(2);
    expect((await fetch({ lock: lock(lockText, 'none') })).list.pictures).toHaveLength(4);
    const events: StageEvent[] = [];
    const renewed = await fetch({ lock: lock(lockText), update: true, report: (event) => events.push(event) });
    expect(events).toContainEqual({ type: 'note', message: 'the lock is renewed: 1 added, 0 removed, 1 changed' });
    await fetch({ lock: lock(renewed.lockText) });
  });

  test('hands on what it knows of the pictures that are there, and keeps it', async () => {
    await writeFiles(folder.path, GOOD);
    const names = { path: 'l.json', project: 'pokedex' };
    const { lockText, list } = await fetch();
    expect(list.recorded).toEqual([]);
    const [{ sha256: content }] = list.pictures;
    const facts = { width: 1, height: 1, perceptualHash: '0'.repeat(16), split: 'test', lookAlikes: content } as const;
    const known = recordFacts(lockText, names, new Map([[content, facts]]));
    const again = await fetch({ lock: lock(known) });
    expect(again.list.recorded).toEqual([{ sha256: content, split: 'test', lookAlikes: content }]);
    expect(again.lockText).toBe(known);
    expect((await fetch({ lock: lock(known), update: true })).list.recorded).toEqual(again.list.recorded);
    expect((await fetch({ lock: lock(known, 'none') })).list.recorded).toEqual([]);
  });

  test('that is required and missing is E231', async () => {
    await writeFiles(folder.path, GOOD);
    await expect(fetch({ lock: lock(null, 'required') })).rejects.toMatchObject({ code: 'E231' });
  });

  test('that cannot be read is E232, unless it is being renewed', async () => {
    await writeFiles(folder.path, GOOD);
    expect(await failure({ lock: lock('{') })).toMatchObject([{ code: 'E232' }]);
    expect((await fetch({ lock: lock('{'), update: true })).list.pictures).toHaveLength(3);
  });

  test('keeps its weights, and weights alone pin no pictures', async () => {
    await writeFiles(folder.path, GOOD);
    const weights = `"weights": [\n    {"path":"w","sha256":"${'0'.repeat(64)}","size":1}\n  ]`;
    const { lockText } = await fetch({ lock: lock(`{ "version": 1, ${weights} }`) });
    expect(lockText).toContain(weights);
  });

  test('says what became of a picture that it lists and that is none any more', async () => {
    await writeFiles(folder.path, GOOD);
    const { lockText } = await fetch();
    await writeFiles(folder.path, { 'images/pikachu/a.png': '' });
    expect(await failure({ lock: lock(lockText) })).toMatchObject([
      { code: 'E230', details: ['removed  0/pikachu/a.png', 'no picture  images/pikachu/a.png is empty'] },
    ]);
  });
});

describe('an npm source', () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await FakeRegistry.start();
  });
  afterEach(() => registry.stop());

  const bytes = tarball([
    { path: 'package/package.json', content: '{}' },
    { path: 'package/sprites/25.png', content: png('25') },
    { path: 'package/sprites/shiny/25.png', content: png('25s') },
    { path: 'package/sprites/6.svg', content: '<svg/>' },
    { path: 'package/pikachu/p.png', content: png('p') },
    { path: 'package/charizard/c.png', content: png('c') },
    { path: 'package/broken/25.png', content: '<html>' },
  ]);
  const integrity = integrityOf(bytes);
  const withNpm = (source: Partial<NpmSource>, changes: Partial<FetchPicturesOptions> = {}) => {
    registry.put('sprites', bytes);
    return { sources: [npm({ integrity, ...source })], registry: registry.url, ...changes };
  };
  const globs = { pikachu: ['sprites/**/25.png'], charizard: ['sprites/**/6.*'] };

  test('takes the files that the globs of a class name, whatever include says', async () => {
    const { list, downloadedBytes } = await fetch(withNpm({ pictures: globs }, { include: ['**/*.png'] }));
    expect(list.pictures.map(({ path, label, source, license }) => [path, label, source, license])).toEqual([
      ['0/sprites/25.png', 'pikachu', 'npm:sprites@1.0.0', 'CC0-1.0'],
      ['0/sprites/6.svg', 'charizard', 'npm:sprites@1.0.0', 'CC0-1.0'],
      ['0/sprites/shiny/25.png', 'pikachu', 'npm:sprites@1.0.0', 'CC0-1.0'],
    ]);
    expect(downloadedBytes).toBe(bytes.length);
  });

  test('goes by folder names where there are no globs', async () => {
    expect(pathsOf(await fetch(withNpm({})))).toEqual(['0/charizard/c.png', '0/pikachu/p.png']);
  });

  test('a second run moves no byte and writes the same', async () => {
    const first = await fetch(withNpm({ pictures: globs }));
    await registry.stop();
    await rm(join(folder.path, 'out'), { recursive: true });
    const again = await fetch(withNpm({ pictures: globs }));
    expect(again).toEqual({ ...first, downloadedBytes: 0 });
  });

  test('an object that went bad under its links is mended', async () => {
    await fetch(withNpm({ pictures: globs }));
    const store = new ContentStore(fetchOptions(folder.path).storeDirectory);
    const object = store.pathOf(sha256(png('25')));
    await chmod(object, 0o644);
    await writeFile(object, 'spoilt');
    const { downloadedBytes } = await fetch(withNpm({ pictures: globs }));
    expect(downloadedBytes).toBe(0);
    const file = join(folder.path, 'out', 'files', `${sha256(png('25'))}.png`);
    expect(await readFile(file)).toEqual(png('25'));
  });

  test('a picture that two classes claim is E211, a glob that matches nothing W216', async () => {
    const twice = { ...globs, charizard: ['sprites/6.svg', 'sprites/25.*'] };
    expect((await failure(withNpm({ pictures: twice }))).filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'E211', details: ['sprites/25.png  (charizard, pikachu)'] },
    ]);
    const { warnings } = await fetch(withNpm({ pictures: { ...globs, pikachu: ['sprites/25.png', 'none/*'] } }));
    expect(warnings).toMatchObject([{ code: 'W216', message: expect.stringContaining('"none/*"') }]);
  });

  test('its empty classes are named, also where it has files that are no pictures', async () => {
    const pictures = { pikachu: ['broken/*'], charizard: ['nothing/*'] };
    const diagnostics = await failure(withNpm({ pictures }));
    expect(diagnostics.map(({ code }) => code)).toEqual(['E210']);
    expect(diagnostics[0].details).toEqual(['in npm:sprites@1.0.0 no picture matches nothing/*']);
  });

  test('a missing folder is told before anything is downloaded', async () => {
    const sources = [...withNpm({ pictures: globs }).sources, directory()];
    expect(await failure({ sources, registry: registry.url })).toMatchObject([{ code: 'E201' }]);
    expect(registry.requests).toEqual([]);
  });

  test('leaves no list behind when it fails', async () => {
    await failure(withNpm({ package: 'unknown' }));
    expect(existsSync(join(folder.path, 'out'))).toBe(false);
  });
});

test('a place that cannot be written is E233', async () => {
  await writeFiles(folder.path, { ...GOOD, out: 'a file' });
  await expect(fetch()).rejects.toMatchObject({ code: 'E233' });
});

test('a run that is called off stops', async () => {
  await writeFiles(folder.path, GOOD);
  await mkdir(join(folder.path, 'more'));
  await expect(fetch({ signal: AbortSignal.abort(new Error('called off')) })).rejects.toThrow('called off');
});

const PHOTOS = join(__dirname, '../../../../shared/data/pokedex-photos');
(existsSync(PHOTOS) ? test : test.skip)(
  `photographs as people have them (skipped where the photographs are absent)`,
  async () => {
    const { list, warnings } = await fetch({
      sources: [directory({ path: PHOTOS })],
      limits: { maxPerClass: null, maxFileBytes: 2e7 },
    });
    expect(warnings).toEqual([]);
    expect(list.pictures).toHaveLength(237);
    expect(list.pictures.filter(({ format }) => format === 'webp')).toHaveLength(2);
    expect((await stat(join(folder.path, 'out', 'pictures.json'))).isFile()).toBe(true);
  },
);

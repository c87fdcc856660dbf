import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectorySource } from '@graft/spec';
import type { FetchPicturesOptions } from './fetch-options';
import { fetchPictures } from './fetch-pictures';
import { NO_CLASS } from './paths';
import type { PictureList } from './picture';
import { fetchOptions, png, temporaryFolder, writeFiles } from './testing/pictures';

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  await writeFiles(folder, {
    'images/charizard/1.png': png('charizard'),
    'images/pikachu/1.png': png('pikachu'),
    // Folders that mean a class mean nothing here.
    'others/pikachu/cat.png': png('cat'),
    'others/dog.png': png('dog'),
    'others/note.png': 'no picture at all',
  });
});
afterEach(() => remove());

const directory = (path: string, use: DirectorySource['use']): DirectorySource => ({
  ...{ type: 'directory', path, use, onMissing: 'error', include: null, exclude: [] },
  ...{ license: 'CC0-1.0', attribution: null },
});

const options = (changes: Partial<FetchPicturesOptions> = {}): FetchPicturesOptions =>
  fetchOptions(folder, { sources: [directory('./images', 'all'), directory('./others', 'unknown')], ...changes });

const listIn = async (name: string): Promise<PictureList> =>
  JSON.parse(await readFile(join(folder, name, 'pictures.json'), 'utf8'));

test('pictures of a source with use: unknown are of no class, in a list of their own, wherever they lie', async () => {
  const result = await fetchPictures(options());
  const [list, unknown] = [await listIn('out'), await listIn('unknown')];
  expect([list, unknown]).toEqual([result.list, result.unknown]);
  expect(list.pictures.map(({ path, label }) => [path, label])).toEqual([
    ['0/charizard/1.png', 'charizard'],
    ['0/pikachu/1.png', 'pikachu'],
  ]);
  expect(list.refused).toEqual([]);
  expect(unknown.pictures.map(({ path, label }) => [path, label])).toEqual([
    ['1/dog.png', NO_CLASS],
    ['1/pikachu/cat.png', NO_CLASS],
  ]);
  expect(unknown.refused).toMatchObject([{ path: 'others/note.png', label: NO_CLASS }]);
  const [dog] = unknown.pictures;
  expect(await readFile(join(folder, 'unknown', 'files', `${dog.sha256}.png`))).toEqual(png('dog'));
});

test('the lock pins them like all others', async () => {
  const { lockText: text } = await fetchPictures(options());
  expect(text).toContain('"path":"1/dog.png"');
  const lock = { mode: 'auto', text, path: 'experiment.lock.json' } as const;
  expect((await fetchPictures(options({ lock }))).lockText).toBe(text);
  await writeFiles(folder, { 'others/dog.png': png('another dog') });
  await expect(fetchPictures(options({ lock }))).rejects.toMatchObject({ diagnostics: [{ code: 'E230' }] });
});

test('where no source says so, the list is empty', async () => {
  await fetchPictures(options({ sources: [directory('./images', 'all')] }));
  expect(await listIn('unknown')).toEqual({ version: 1, pictures: [], recorded: [], refused: [] });
});

test('limits.max_per_class holds for them together', async () => {
  const said: string[] = [];
  const limits = { maxPerClass: 1, maxFileBytes: 1024 };
  const { unknown } = await fetchPictures(
    options({ limits, report: (event) => void (event.type === 'note' && said.push(event.message)) }),
  );
  expect(unknown.pictures).toHaveLength(1);
  expect(said).toContain('pictures of no class: 1 of 2 pictures kept (dataset.limits.max_per_class)');
});

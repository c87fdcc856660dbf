import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findPictures } from './find-pictures';
import { png, temporaryFolder, writeFiles } from './testing/pictures';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  await writeFiles(folder, {
    'here/a.png': png('a'),
    'here/more/b.JPG': png('b'),
    'here/more/notes.txt': 'no picture',
    'here/odd [1], x.png': png('odd'),
    'here/no-ending': png('n'),
    'root/a.png': png('another a'),
    'root/sub/c.png': png('c'),
  });
  await mkdir(join(folder, 'here', 'empty'));
});
afterAll(() => remove());

const find = (...asked: readonly string[]) => findPictures(asked, [join(folder, 'here'), join(folder, 'root')]);
const shown = async (...asked: readonly string[]) => (await find(...asked)).files.map((file) => file.shown);

test('a path counts from where the person stands, else from the workspace', async () => {
  const { files } = await find('a.png', 'sub/c.png', join(folder, 'root', 'a.png'));
  expect(files.map(({ path }) => path.slice(folder.length + 1))).toEqual([
    'here/a.png',
    'root/sub/c.png',
    'root/a.png',
  ]);
});

test('a folder gives the pictures in it and below, and says how many other files it holds', async () => {
  const { files, passedOver } = await find('more/', '.');
  expect(files.map((file) => file.shown)).toEqual(['more/b.JPG', 'a.png', 'odd [1], x.png']);
  expect(passedOver).toBe(3);
});

test('a glob gives what it matches; each file comes once, in the order in which it was asked for', async () => {
  expect(await shown('**/*.{jpg,png}')).toEqual(['a.png', 'more/b.JPG', 'odd [1], x.png']);
  expect(await shown('a.png', '*.png', 'a.png')).toEqual(['a.png', 'odd [1], x.png']);
  expect(await shown('sub/*.png')).toEqual(['sub/c.png']);
});

test('a file that is named counts whatever its name, also where the name looks like a glob', async () => {
  expect(await shown('no-ending', 'odd [1], x.png')).toEqual(['no-ending', 'odd [1], x.png']);
});

test('E732: each thing that is not there is named', async () => {
  const { files, diagnostics } = await find('a.png', 'missing.png', 'empty', '*.webp', 'nowhere/*.png');
  expect(files).toHaveLength(1);
  expect(diagnostics.map(({ code, message }) => `${code} ${message.split(' is no')[0]}`)).toEqual([
    'E732 missing.png',
    'E732 empty',
    'E732 *.webp',
    'E732 nowhere/*.png',
  ]);
});

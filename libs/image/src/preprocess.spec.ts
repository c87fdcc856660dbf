import type { PictureRecord } from '@graft/dataset';
import type { StageEvent } from '@graft/foundation';
import { silent } from '@graft/foundation';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { openExamples } from './examples';
import { type PreprocessOptions, preprocessPictures } from './preprocess';
import {
  animation,
  draw,
  fetched,
  noisy,
  plain,
  removeTemporaryFolders,
  SECTION,
  temporaryFolder,
} from './test-pictures';

afterAll(removeTemporaryFolders);

interface World {
  readonly folder: string;
  readonly files: string;
  readonly pictures: PictureRecord[];
  run(options?: Partial<PreprocessOptions>): ReturnType<typeof preprocessPictures>;
  outputs(out?: string): Promise<string[]>;
}

/** Five pictures of every kind, fetched. */
async function world(): Promise<World> {
  const folder = await temporaryFolder();
  const files = join(folder, 'files');
  const frames = Array.from({ length: 12 }, (_, at) =>
    draw(6, 6, (row) => (row < 3 ? `#ff${String(at * 5 + 10)}00` : null)),
  );
  const pictures = [
    await fetched(files, 'cat/1.png', await noisy(20, 30).png().toBuffer(), 'png'),
    await fetched(files, 'cat/2.jpg', await noisy(30, 20).jpeg().toBuffer(), 'jpeg'),
    await fetched(files, 'dog/3.gif', await animation(frames, 'gif'), 'gif'),
    await fetched(
      files,
      'dog/4.png',
      await draw(9, 9, (row) => (row > 4 ? '#00ff00' : null))
        .png()
        .toBuffer(),
      'png',
    ),
    await fetched(files, 'dog/5.webp', await plain(9, 9, '#0000ff').webp({ lossless: true }).toBuffer(), 'webp'),
  ];
  const base: PreprocessOptions = {
    pictures,
    filesDirectory: files,
    section: SECTION,
    unreadable: 'error',
    placement: ({ path }) => ({ split: path.includes('2') ? 'test' : 'train', group: `group of ${path}` }),
    cacheDirectory: join(folder, 'cache'),
    outDirectory: join(folder, 'out'),
    concurrency: 2,
    report: silent,
  };
  return {
    folder,
    files,
    pictures,
    run: (options = {}) => preprocessPictures({ ...base, ...options }),
    outputs: (out = 'out') =>
      Promise.all(['index.json', 'pixels.bin', 'cutouts.bin'].map((name) => readFile(join(folder, out, name), 'hex'))),
  };
}

async function cacheFiles(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'cache'), { recursive: true, withFileTypes: true });
  return names.filter((name) => name.isFile()).map((name) => join(name.parentPath, name.name));
}

describe('the written examples', () => {
  test('are sorted by id and carry label, split and group', async () => {
    const { run, pictures, folder } = await world();
    const { index } = await run();
    expect(index).toMatchObject({ version: 1, height: 8, width: 8 });
    expect(index.examples).toHaveLength(4 + 12);
    const ids = index.examples.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    const jpeg = index.examples.find(({ path }) => path === 'cat/2.jpg');
    expect(jpeg).toEqual({
      id: pictures[1].sha256,
      path: 'cat/2.jpg',
      label: 'cat',
      split: 'test',
      group: 'group of cat/2.jpg',
      cutout: null,
    });
    expect(ids).toContain(`${pictures[2].sha256}#11`);
    expect(JSON.parse(await readFile(join(folder, 'out', 'index.json'), 'utf8'))).toEqual(index);
  });

  test('read back as they were prepared', async () => {
    const { run, folder, pictures } = await world();
    await run();
    const examples = await openExamples(join(folder, 'out'));
    const at = (sha256: string) => examples.index.examples.findIndex(({ id }) => id === sha256);
    expect(examples.pixels(at(pictures[4].sha256))).toEqual(
      new Uint8Array(8 * 8 * 3).map((_, byte) => (byte % 3 === 2 ? 255 : 0)),
    );
    expect(examples.cutout(at(pictures[4].sha256))).toBeNull();
    expect(examples.cutout(at(pictures[3].sha256))).toEqual({
      height: 4,
      width: 8,
      rgba: new Uint8Array(4 * 8 * 4).map((_, byte) => [0, 255, 0, 255][byte % 4]),
    });
    expect(() => examples.pixels(99)).toThrow('internal');
    examples.close();
  });

  test('are the same bytes for any concurrency, order of pictures and state of the cache', async () => {
    const { run, outputs, folder, pictures } = await world();
    await run();
    const first = await outputs();
    await run({ outDirectory: join(folder, 'again'), concurrency: 5 });
    expect(await outputs('again')).toEqual(first);
    await rm(join(folder, 'cache'), { recursive: true });
    const reversed = [...pictures].reverse();
    await run({ outDirectory: join(folder, 'other'), concurrency: 1, pictures: reversed });
    expect(await outputs('other')).toEqual(first);
  });

  test('report each picture', async () => {
    const { run } = await world();
    const events: StageEvent[] = [];
    await run({ report: (event) => events.push(event) });
    const figures = events.map((event) => (event.type === 'progress' ? `${event.done}/${event.total}` : event.type));
    expect(figures).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5']);
  });
});

describe('the cache', () => {
  test('a second run decodes nothing; one more picture decodes one', async () => {
    const { run, files, pictures } = await world();
    expect(await run()).toMatchObject({ decoded: 5, reused: 0 });
    expect(await run()).toMatchObject({ decoded: 0, reused: 5 });
    const more = await fetched(files, 'cat/6.png', await plain(3, 3, '#123456').png().toBuffer(), 'png');
    expect(await run({ pictures: [...pictures, more] })).toMatchObject({ decoded: 1, reused: 5 });
  });

  test('a changed label or split decodes nothing; a changed size decodes all', async () => {
    const { run } = await world();
    await run();
    const placement = () => ({ split: 'validation', group: 'g' }) as const;
    const moved = await run({ placement });
    expect(moved).toMatchObject({ decoded: 0, reused: 5 });
    expect(new Set(moved.index.examples.map(({ split }) => split))).toEqual(new Set(['validation']));
    const section = { ...SECTION, imageSize: { height: 4, width: 4 } };
    expect(await run({ section })).toMatchObject({ decoded: 5, reused: 0 });
  });

  test('damaged entries are decoded again and healed', async () => {
    const { run, outputs, folder } = await world();
    await run();
    const first = await outputs();
    const [cut, changed, emptied] = await cacheFiles(folder);
    await truncate(cut, 50);
    const bytes = await readFile(changed);
    bytes[bytes.length - 1] ^= 1;
    await writeFile(changed, bytes);
    await writeFile(emptied, '');
    expect(await run()).toMatchObject({ decoded: 3, reused: 2 });
    expect(await outputs()).toEqual(first);
    expect(await run()).toMatchObject({ decoded: 0, reused: 5 });
  });

  test('remarks about a picture come again from the cache', async () => {
    const { run, files } = await world();
    const frames = [draw(4, 4, () => '#ff0000'), draw(4, 4, () => null)];
    const still = await Promise.all([1, 2].map((at) => plain(4, 4, `#0000${at}0`).png().toBuffer()));
    const tiff = await sharp(still, { join: { animated: true } })
      .tiff()
      .toBuffer();
    const pictures = [
      await fetched(files, 'cat/a.gif', await animation(frames, 'gif'), 'gif'),
      await fetched(files, 'cat/b.tiff', tiff, 'tiff'),
    ];
    const first = await run({ pictures });
    expect(first.warnings.map(({ code }) => code).sort()).toEqual(['W256', 'W257']);
    expect((await run({ pictures })).warnings).toEqual(first.warnings);
  });
});

describe('pictures that cannot be read', () => {
  async function broken() {
    const made = await world();
    const half = (await noisy(50, 50).jpeg().toBuffer()).subarray(0, 900);
    const bad = [
      await fetched(made.files, 'cat/z.jpg', half, 'jpeg'),
      await fetched(made.files, 'cat/a.bmp', Buffer.from('BM'), 'bmp'),
      await fetched(
        made.files,
        'dog/m.png',
        await draw(4, 4, () => null)
          .png()
          .toBuffer(),
        'png',
      ),
    ];
    return { ...made, pictures: [...made.pictures, ...bad] };
  }

  test('are named together, and the folder stays as it was', async () => {
    const { run, outputs, folder, pictures } = await broken();
    await run();
    const before = await outputs();
    await expect(run({ pictures })).rejects.toMatchObject({
      code: 'E212',
      message: '3 pictures cannot be read',
      details: [
        expect.stringMatching(/^cat\/a\.bmp +is a BMP file/),
        expect.stringMatching(/^cat\/z\.jpg +ends early/),
        expect.stringMatching(/^dog\/m\.png +is transparent all over/),
      ],
    });
    expect(await outputs()).toEqual(before);
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['cutouts.bin', 'index.json', 'pixels.bin']);
  });

  test.each([
    ['warn', ['W212']],
    ['drop', []],
    ['ignore', []],
  ] as const)('with %s are left out', async (unreadable, codes) => {
    const { run, pictures } = await broken();
    const result = await run({ pictures, unreadable });
    expect(result.index.examples).toHaveLength(16);
    expect(result.dropped.map(({ path }) => path)).toEqual(['cat/a.bmp', 'cat/z.jpg', 'dog/m.png']);
    expect(result.warnings.map(({ code }) => code)).toEqual(codes);
  });

  test('if none is left, that is an error', async () => {
    const { run, pictures } = await broken();
    await expect(run({ pictures: pictures.slice(5), unreadable: 'drop' })).rejects.toMatchObject({ code: 'E253' });
    await expect(run({ pictures: [] })).rejects.toMatchObject({ code: 'E253' });
  });
});

describe('trouble with the fetched files', () => {
  test('a missing file is named', async () => {
    const { run, files, pictures } = await world();
    await rm(join(files, `${pictures[0].sha256}.png`));
    await expect(run()).rejects.toMatchObject({ code: 'E251', message: expect.stringContaining('cat/1.png') });
  });

  test('a file that was written over is named', async () => {
    const { run, files, pictures } = await world();
    await writeFile(join(files, `${pictures[0].sha256}.png`), 'other');
    await expect(run()).rejects.toMatchObject({ code: 'E252', message: expect.stringContaining('cat/1.png') });
  });

  test('a run that is stopped leaves no file behind', async () => {
    const { run, folder } = await world();
    await expect(run({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });
});

test('what a killed run left behind is cleared away, and nothing else', async () => {
  const { run, folder } = await world();
  const out = join(folder, 'out');
  await mkdir(out);
  for (const name of ['pixels.bin.0123456789ab.tmp', '.index.json.0123456789ab.tmp', 'notes.tmp']) {
    await writeFile(join(out, name), 'half');
  }
  await run();
  expect((await readdir(out)).sort()).toEqual(['cutouts.bin', 'index.json', 'notes.tmp', 'pixels.bin']);
});

describe('opening examples', () => {
  async function written() {
    const { run, folder } = await world();
    await run();
    return join(folder, 'out');
  }

  test('a folder without an index is refused', async () => {
    const folder = await temporaryFolder();
    await mkdir(folder, { recursive: true });
    await expect(openExamples(folder)).rejects.toMatchObject({ code: 'E254' });
  });

  test.each([
    ['no JSON', () => '{'],
    ['no object', () => '7'],
    ['another version', (text: string) => text.replace('"version": 1', '"version": 2')],
    ['no size', (text: string) => text.replace('"height": 8', '"height": 0')],
    ['no list', () => '{"version":1,"height":8,"width":8}'],
    ['an unknown split', (text: string) => text.replace('"split": "train"', '"split": "trial"')],
    ['a moved cut-out', (text: string) => text.replace('"offset": 0', '"offset": 4')],
    ['examples in another order', (text: string) => text.replace(/"id": "./, '"id": "~')],
  ])('an index with %s is refused', async (_, change) => {
    const folder = await written();
    const file = join(folder, 'index.json');
    const text = await readFile(file, 'utf8');
    expect(change(text)).not.toBe(text);
    await writeFile(file, change(text));
    await expect(openExamples(folder)).rejects.toMatchObject({ code: 'E254' });
  });

  test.each(['pixels.bin', 'cutouts.bin'])('a %s that was cut or is missing is refused', async (name) => {
    const folder = await written();
    await truncate(join(folder, name), 7);
    await expect(openExamples(folder)).rejects.toMatchObject({ code: 'E255', message: expect.stringContaining(name) });
    await rm(join(folder, name));
    await expect(openExamples(folder)).rejects.toMatchObject({ code: 'E255' });
  });
});

import fc from 'fast-check';
import sharp from 'sharp';
import { renderContactPage } from './contact-page';
import { type ContactSheet, renderContactSheet, rowsThatFit } from './contact-sheet';
import { drawText } from './letters';
import { pixelOf } from './test-pictures';

const SIZE = { height: 40, width: 60 };
const plain = (value: number): Uint8Array => new Uint8Array(SIZE.height * SIZE.width * 3).fill(value);

const SHEET: ContactSheet = {
  title: 'Training pictures of <tiny>',
  size: SIZE,
  columns: ['as it is', 'copy 1'],
  classes: [
    { label: 'blue', rows: [{ name: 'blue/0.png', cells: [plain(10), plain(20)] }] },
    { label: 'red', rows: [{ name: 'red/"a".png', cells: [plain(130), plain(140)] }] },
  ],
};

/** The distinct greys of the sheet's pixels in a column of it, from the top. */
async function greysDown(png: Uint8Array, column: number): Promise<number[]> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const greys = Array.from({ length: info.height }, (_, row) => pixelOf(data, info.width, row, column)[0]);
  return greys.filter((grey, row) => grey !== greys[row - 1]);
}

describe('the PNG', () => {
  test('holds a row for each picture, and in each the cells in the order of the columns', async () => {
    const png = await renderContactSheet(SHEET);
    const middles = [4 + 58, 4 + 64 + 58];
    const [first, second] = await Promise.all(middles.map((column) => greysDown(png, column)));
    expect(first.filter((grey) => [10, 20, 130, 140].includes(grey))).toEqual([10, 130]);
    expect(second.filter((grey) => [10, 20, 130, 140].includes(grey))).toEqual([20, 140]);
  });

  test('names classes, columns and files: other names, other pixels', async () => {
    const named = (change: Partial<ContactSheet>) => renderContactSheet({ ...SHEET, ...change });
    const [blue, red] = SHEET.classes;
    const base = await named({});
    expect(await named({})).toEqual(base);
    for (const change of [
      { columns: ['as it is', 'epoch 1'] },
      { classes: [{ ...blue, label: 'green' }, red] },
      { classes: [{ ...blue, rows: [{ ...blue.rows[0], name: 'blue/1.png' }] }, red] },
    ]) {
      expect(await named(change)).not.toEqual(base);
    }
  });

  test('takes as many rows as it says, each of a class of its own', async () => {
    const size = { height: 512, width: 4 };
    const cell = new Uint8Array(512 * 4 * 3);
    const classes = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ label: `${at}`, rows: [{ name: 'x', cells: [cell] }] }));
    const rows = rowsThatFit(size);
    const png = await renderContactSheet({ title: '', size, columns: [''], classes: classes(rows) });
    expect((await sharp(png).metadata()).height).toBeLessThanOrEqual(16_000);
    await expect(renderContactSheet({ title: '', size, columns: [''], classes: classes(rows + 4) })).rejects.toThrow(
      'internal',
    );
  });
});

describe('letters', () => {
  const drawn = (text: string, right = 400, scale = 1) => {
    const canvas = { height: 20, width: 400, pixels: new Uint8Array(20 * 400 * 3) };
    drawText(canvas, text, { top: 1, left: 1, right, scale });
    return canvas.pixels;
  };

  test('differ from each other, and have no case and no accents', () => {
    const all = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-_/#:()@'];
    expect(new Set(all.map((letter) => Buffer.from(drawn(letter)).toString('base64'))).size).toBe(all.length);
    expect(drawn('pokémon')).toEqual(drawn('POKEMON'));
  });

  test('unknown ones become boxes, one for each', () => {
    expect(drawn('火龍')).toEqual(drawn('☂☂'));
    expect(drawn('火龍')).not.toEqual(drawn('火'));
  });

  test('stop before the right end, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 90 }), fc.integer({ min: 1, max: 400 }), (text, right) => {
        drawn(text, right, 2).forEach((value, at) => {
          if (value !== 0) expect(Math.floor(at / 3) % 400).toBeLessThan(right);
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe('the page', () => {
  test('shows every cell without loss, and runs and loads nothing', async () => {
    const page = await renderContactPage(SHEET);
    const sources = [...page.matchAll(/src="data:image\/png;base64,([^"]+)"/g)].map(([, text]) => text);
    const cells = SHEET.classes.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
    expect(sources).toHaveLength(cells.length);
    for (const [at, text] of sources.entries()) {
      const pixels = await sharp(Buffer.from(text, 'base64')).removeAlpha().raw().toBuffer();
      expect(pixels.equals(Buffer.from(cells[at]))).toBe(true);
    }
    expect(page).not.toMatch(/<script|https?:/);
  });

  test('names classes, columns and files as text', async () => {
    const page = await renderContactPage(SHEET);
    expect(page).toContain('<h1>Training pictures of &#60;tiny&#62;</h1>');
    expect(page).toContain('<h2>red</h2>');
    expect(page).toContain('<th scope="col">copy 1</th>');
    expect(page).toContain('alt="red/&#34;a&#34;.png, copy 1"');
  });
});

import sharp from 'sharp';
import { renderAnswerPicture } from './answer-picture';
import type { AnswerPicture } from './answer-picture';
import { encodePng } from './encode-png';

const SIZE = { height: 160, width: 160 };
const RED = Uint8Array.from({ length: 160 * 160 * 3 }, (_, at) => (at % 3 === 0 ? 200 : 0));

const answer = (share: number, changes: Partial<AnswerPicture> = {}): AnswerPicture => ({
  ...{ size: SIZE, pixels: RED, title: 'pikachu', subtitle: '75.0 % on the chip' },
  rows: [{ label: 'pikachu', bars: [{ name: 'chip', share }] }],
  ...changes,
});

async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const count = (...[red, green, blue]: readonly number[]): number => {
    let found = 0;
    for (let at = 0; at < data.length; at += 3)
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) found++;
    return found;
  };
  return { info, count };
}

test('the picture is enlarged in whole steps, the bar is as long as the share', async () => {
  const [full, half, none] = await Promise.all(
    [1, 0.5, 0].map(async (share) => pixelsOf(await renderAnswerPicture(answer(share)))),
  );
  expect(full.count(200, 0, 0)).toBe(320 * 320);
  expect(full.info.width).toBeGreaterThan(320 + 300);
  const bar = full.count(255, 193, 7);
  expect(bar).toBeGreaterThan(1000);
  expect(half.count(255, 193, 7)).toBe(bar / 2);
  expect(none.count(255, 193, 7)).toBe(0);
  // Label, score and answer are written in white.
  expect(full.count(255, 255, 255)).toBeGreaterThan(500);
});

test('many classes make it higher; the same answer gives the same bytes', async () => {
  const rows = Array.from({ length: 12 }, (_, index) => ({ label: `${index}`, bars: [{ name: 'chip', share: 0.1 }] }));
  const [once, again] = await Promise.all([1, 2].map(() => renderAnswerPicture(answer(0.1, { rows }))));
  expect(Buffer.from(once).equals(Buffer.from(again))).toBe(true);
  expect((await pixelsOf(once)).info.height).toBeGreaterThan(320 + 2 * 16);
});

test('a PNG has the pixels that it was made of', async () => {
  const { data } = await sharp(await encodePng(RED, SIZE))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(new Uint8Array(data)).toEqual(RED);
});

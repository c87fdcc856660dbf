import sharp from 'sharp';
import { examplePicture } from './example-picture';

test('an example becomes a small picture of the same shape and colour', async () => {
  const pixels = new Uint8Array(60 * 40 * 3).fill(200);
  const picture = await examplePicture(pixels, { height: 40, width: 60 }, 30);
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ height: 20, width: 30 });
  expect(Math.abs(data[0] - 200)).toBeLessThanOrEqual(3);
  expect(await examplePicture(pixels, { height: 40, width: 60 }, 30)).toEqual(picture);
});

test('a small example is not blown up', async () => {
  const picture = await examplePicture(new Uint8Array(8 * 8 * 3), { height: 8, width: 8 }, 112);
  expect(await sharp(picture).metadata()).toMatchObject({ height: 8, width: 8, format: 'webp' });
});

import sharp from 'sharp';
import { measurePicture } from './traits';
import { draw, noisy, plain } from './test-pictures';

test('a picture that Exif turns is measured as a viewer shows it', async () => {
  const upright = draw(60, 40, (row) => (row < 30 ? '#ff0000' : '#0000ff')).removeAlpha();
  const pixels = await upright.png().toBuffer();
  // Orientation 6 is turned right by a viewer, so that what is stored was turned left.
  const stored = await sharp(pixels).rotate(-90).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
  const traits = await measurePicture(stored, 'jpeg');
  expect(traits).toMatchObject({ height: 60, width: 40, orientation: 6 });
  const { miniature } = await measurePicture(pixels, 'png');
  traits.miniature.forEach((value, at) => expect(Math.abs(value - miniature[at])).toBeLessThan(24));
});

test('transparency is told, and measured as grey', async () => {
  const traits = await measurePicture(
    await draw(40, 40, () => null)
      .png()
      .toBuffer(),
    'png',
  );
  expect(traits).toMatchObject({ transparent: true, contrast: 0, sharpness: 0 });
  expect(new Set(traits.miniature)).toEqual(new Set([128]));
});

test('one colour has no contrast, noise has much and is sharp', async () => {
  expect((await measurePicture(await plain(40, 40, '#406080').png().toBuffer(), 'png')).contrast).toBeLessThan(1e-9);
  const { contrast, sharpness, transparent } = await measurePicture(await noisy(80, 80).png().toBuffer(), 'png');
  expect(contrast).toBeGreaterThan(20);
  expect(sharpness).toBeGreaterThan(4);
  expect(transparent).toBe(false);
});

test('a picture that lacks its end is refused, though it is decoded at a smaller size', async () => {
  const bytes = await noisy(900, 900).jpeg().toBuffer();
  await expect(measurePicture(bytes.subarray(0, bytes.length * 0.9), 'jpeg')).rejects.toThrow('ends early');
});
